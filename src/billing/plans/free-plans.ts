import { dateOf, instantOf } from '../../core/instant.ts';
import { creditsOfPeriod, planPeriodAt } from '../../core/plan-terms.ts';
import { type Origin, audit } from '../../lib/audit.ts';
import { type Connections, type Trx, inWorkspace } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import { oneByOne } from '../one-by-one.ts';
import { grantPlan } from './grants.ts';
import { type PlanPrice, findPlanPrice } from '../plans.ts';
import {
  endSubscription,
  findSubscription,
  lockSubscription,
  subscribedOf,
  updateSubscription,
} from '../subscriptions.ts';

const AT_ONCE_MAX = 500;

interface NewFreeSubscription {
  workspace_id: string;
  person_id: string;
  plan: PlanPrice;
  origin: Origin;
}

/**
 * Begins a plan that costs nothing, and grants its first period. Who had such a plan before goes on
 * with the period of then, which is granted already.
 * @returns its id; undefined when the workspace is on a plan
 */
export async function startFreePlan(
  trx: Trx,
  { workspace_id, person_id, plan, origin }: NewFreeSubscription,
  now: Date,
): Promise<string | undefined> {
  if (plan.price_minor !== 0n) throw new Error(`${plan.code} is not for free`);
  if ((await subscribedOf(trx, workspace_id)).current !== undefined) return undefined;
  const known = await runningFreePeriod(trx, workspace_id, now);
  const period = known ?? periodFrom(now, plan, now);
  const id = newId();
  const added = await trx
    .insertInto('subscriptions')
    .values({
      id,
      workspace_id,
      person_id,
      plan_id: plan.plan_id,
      plan_price_id: plan.id,
      status: 'active',
      provider: 'none',
      livemode: true,
      anchor_at: period.starts_at,
      current_period_starts_at: period.starts_at,
      current_period_ends_at: period.ends_at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return undefined;
  await audit(trx, {
    workspace_id,
    actor: { kind: 'person', id: person_id },
    action: 'subscription.started',
    subject: { kind: 'subscription', id },
    after: { plan: plan.code, price: plan.id },
    origin,
  });
  if (known === undefined) await grantPeriod(trx, id, plan, period, now);
  return id;
}

/**
 * Grants the running period of each plan that costs nothing, and ends those that were cancelled. A
 * period that began and ended while nobody looked is not granted.
 */
export async function renewFreePlans(connections: Connections, now = new Date()): Promise<void> {
  const due = await connections.staff
    .selectFrom('subscriptions')
    .select(['id', 'workspace_id'])
    .where('provider', '=', 'none')
    .where('status', '=', 'active')
    .where('current_period_ends_at', '<=', now)
    .orderBy('current_period_ends_at')
    .limit(AT_ONCE_MAX)
    .execute();
  await oneByOne(due, ({ id, workspace_id }) =>
    inWorkspace(connections.app, workspace_id, (trx) => renew(trx, id, now)),
  );
}

async function renew(trx: Trx, id: string, now: Date): Promise<void> {
  const subscription = await lockSubscription(trx, id);
  const { status, plan_price_id, anchor_at, current_period_ends_at: ended } = subscription;
  if (status !== 'active' || ended === null || ended > now) return;
  if (subscription.cancel_at_period_end) {
    await endSubscription(trx, subscription, 'job');
    return;
  }
  const plan = await findPlanPrice(trx, plan_price_id);
  if (plan === undefined) throw new Error(`subscription ${id} has no price`);
  const period = periodFrom(anchor_at ?? ended, plan, now);
  await updateSubscription(trx, id, {
    current_period_starts_at: period.starts_at,
    current_period_ends_at: period.ends_at,
  });
  await grantPeriod(trx, id, plan, period, now);
}

interface Period {
  starts_at: Date;
  ends_at: Date;
}

function periodFrom(anchor: Date, plan: PlanPrice, now: Date): Period {
  const { starts_at, ends_at } = planPeriodAt(instantOf(anchor), plan.period, instantOf(now));
  return { starts_at: dateOf(starts_at), ends_at: dateOf(ends_at) };
}

async function grantPeriod(
  trx: Trx,
  subscriptionId: string,
  plan: PlanPrice,
  period: Period,
  now: Date,
): Promise<void> {
  const subscription = await findSubscription(trx, subscriptionId);
  if (subscription === undefined) throw new Error(`subscription ${subscriptionId} has gone`);
  const credits_micro = creditsOfPeriod(plan);
  await grantPlan(trx, { subscription, kind: 'period', plan, credits_micro, ...period, now });
}

/** The period of a free plan that the workspace has left, and that is not over. */
async function runningFreePeriod(
  trx: Trx,
  workspaceId: string,
  now: Date,
): Promise<Period | undefined> {
  return trx
    .selectFrom('plan_grants as g')
    .innerJoin('subscriptions as s', 's.id', 'g.subscription_id')
    .select(['g.starts_at', 'g.ends_at'])
    .where('s.workspace_id', '=', workspaceId)
    .where('s.provider', '=', 'none')
    .where('g.kind', '=', 'period')
    .where('g.ends_at', '>', now)
    .executeTakeFirst();
}
