import { z } from 'zod';
import { type Wish, choosePlan, startFreePlan } from '../billing/plan-changes.ts';
import { type PlanPrice, findPlanPrice, plansOnSale } from '../billing/plans.ts';
import type { PaymentProvider } from '../billing/provider.ts';
import { type Subscription, subscribedOf } from '../billing/subscriptions.ts';
import { audit } from '../lib/audit.ts';
import { type Connections, readWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import type { Show } from '../lib/formatting.ts';
import { type Action, type Asked, type Confirmed, addAction, doOnce } from './actions.ts';
import type { StaffRoutes } from './staff-routes.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

const PlanForm = z.object({ to: z.string('Choose what it becomes.').trim().min(1).max(60) });

/** One way in which the plan can change. */
interface Way {
  value: string;
  label: string;
  /** What follows, for whoever confirms it. */
  says: string;
  does: { wish: Wish } | { start: PlanPrice };
}

/** The plan of a customer changed for them. Stripe acts as if they had chosen it themselves. */
export function addPlanAction(routes: StaffRoutes, { connections, provider }: Dependencies): void {
  const action: Action<typeof PlanForm> = {
    ...{ path: 'plan', to: 'customers.change_plan', for_tests: false, schema: PlanForm },
    form: async (asked) => {
      const { name, ways } = await waysOf(connections, asked);
      return {
        title: 'Change the plan',
        says: [
          `Now: ${name}.`,
          'A plan that is paid for is begun by the customer, who enters a card at Stripe; from there on it can be changed here.',
        ],
        fields: [
          {
            ...{ name: 'to', label: 'It becomes', type: 'choice' },
            choices: [{ value: '', label: 'Choose' }, ...ways],
          },
        ],
        button: 'Go on',
      };
    },
    preview: async (asked, { to }) => {
      const { name, ways } = await waysOf(connections, asked);
      const way = ways.find(({ value }) => value === to);
      if (way === undefined) return { errors: { to: 'Choose one of these.' } };
      const changes = [{ label: 'Plan', before: name, after: way.label }];
      return { changes, says: [way.says], button: 'Change the plan' };
    },
    perform: async (asked, { to }, confirmed) => {
      const { name, ways } = await waysOf(connections, asked);
      const way = ways.find(({ value }) => value === to);
      // Sent twice, it is as it should be by now.
      if (way === undefined) return asked.customer.base;
      const refusal = await change({ connections, provider }, asked, confirmed, { name, way });
      return refusal === undefined ? asked.customer.base : { refusal };
    },
  };
  addAction(routes, connections, action);
}

/** @returns undefined, or why it was not done */
async function change(
  { connections, provider }: Dependencies,
  asked: Asked,
  confirmed: Confirmed,
  { name, way }: { name: string; way: Way },
): Promise<string | undefined> {
  const { customer, staff } = asked;
  const { reason, origin } = confirmed;
  const { does } = way;
  const wishes: Wish[] = [];
  await doOnce(connections, asked, confirmed, { to: way.value }, async (trx) => {
    await audit(trx, {
      workspace_id: customer.id,
      actor: { kind: 'person', id: staff.id },
      action: 'subscription.change_asked_for',
      subject: { kind: 'workspace', id: customer.id },
      ...{ before: { plan: name }, after: { plan: way.label }, reason, origin },
    });
    if ('wish' in does) wishes.push(does.wish);
    else {
      const begun = { workspace_id: customer.id, person_id: staff.id, plan: does.start, origin };
      const id = await startFreePlan(trx, begun, new Date());
      if (id === undefined) throw new AppError(409, 'has_a_plan', 'There is a plan by now.');
    }
  });
  // Stripe is asked outside of the transaction; what it is asked for is written down first.
  for (const wish of wishes) {
    const who = { workspace_id: customer.id, person_id: staff.id };
    const working = provider.mode === 'off' ? undefined : provider;
    const chosen = await choosePlan(connections, working, who, wish);
    if (chosen.outcome === 'refused') return chosen.sentence;
  }
  return undefined;
}

async function waysOf(
  { app }: Connections,
  { customer, show }: Asked,
): Promise<{ name: string; ways: Way[] }> {
  if (customer.kind === 'external') return { name: 'none', ways: [] };
  return readWorkspace(app, customer.id, async (trx) => {
    const { current } = await subscribedOf(trx, customer.id);
    const onSale = await plansOnSale(trx, customer.currency);
    if (current === undefined) {
      const free = onSale.filter(({ price_minor }) => price_minor === 0n);
      return { name: 'none', ways: free.map((plan) => startOf(plan, show)) };
    }
    const plan = await findPlanPrice(trx, current.plan_price_id);
    if (plan === undefined) throw new Error(`subscription ${current.id} has no price`);
    return { name: nameOf(plan, show), ways: waysFrom(current, plan, onSale, show) };
  });
}

function startOf(plan: PlanPrice, show: Show): Way {
  const says = 'It begins at once, and the credits of its first period come.';
  return { value: plan.id, label: nameOf(plan, show), says, does: { start: plan } };
}

function waysFrom(
  current: Subscription,
  plan: PlanPrice,
  onSale: readonly PlanPrice[],
  show: Show,
): Way[] {
  const keeping: Way[] = current.cancel_at_period_end
    ? [
        {
          ...{ value: 'resume', label: 'Goes on', does: { wish: { kind: 'resume' } } },
          says: 'It is no longer cancelled, and renews at the end of its period.',
        },
      ]
    : [
        {
          ...{ value: 'cancel', label: 'Ends with its period', does: { wish: { kind: 'cancel' } } },
          says: 'It is used up to the end of its period, and nothing is paid after it. Nothing is given back.',
        },
      ];
  if (current.next_plan_price_id !== null) {
    keeping.push({
      ...{ value: 'keep', label: `Stays ${plan.name}`, does: { wish: { kind: 'keep' } } },
      says: 'The plan that was to follow does not.',
    });
  }
  if (current.provider === 'none') return keeping;
  const others = onSale.filter(({ id, price_minor }) => id !== plan.id && price_minor > 0n);
  return [...others.map((to) => changeTo(plan, to, show)), ...keeping];
}

function changeTo(now: PlanPrice, to: PlanPrice, show: Show): Way {
  const dearer = to.period !== now.period || to.price_minor > now.price_minor;
  return {
    ...{ value: to.id, label: nameOf(to, show), does: { wish: { kind: 'change', to } } },
    says: dearer
      ? "Stripe charges the difference to the customer's card at once; where the card refuses, the plan stays. The credits come when it is paid."
      : 'It changes when the period is over. Nothing is charged or given back now.',
  };
}

function nameOf({ name, period, price_minor, currency }: PlanPrice, show: Show): string {
  const price = price_minor === 0n ? 'free' : show.money(price_minor, currency);
  return `${name}, ${price} a ${period}`;
}
