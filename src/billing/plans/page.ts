import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { changeBetween, creditsOfPeriod } from '../../core/plan-terms.ts';
import { type Connections, type Db, inWorkspace } from '../../lib/database.ts';
import { EMPTY_FORM, type FormState } from '../../lib/forms.ts';
import { sendPage } from '../../lib/rendering.ts';
import { refreshPurse, scopeOf } from '../../workspaces/scope.ts';
import { standsInTheWay } from './choices.ts';
import { type PlanPrice, findPlanPrice, plansOnSale } from '../plans.ts';
import { addedToPlan, codeOfBegun } from '../promo-codes/plans.ts';
import { type PromoCode, findPromoCode } from '../promo-codes.ts';
import type { PaymentProvider } from '../provider.ts';
import { nameOf } from '../subscriptions/payments.ts';
import { type Subscription, subscribedOf } from '../subscriptions.ts';
import { mayTry } from '../subscriptions/trials.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

export interface PlansShown {
  form?: FormState;
  status?: number;
  /** The code that is applied. */
  promo?: PromoCode;
}

/** What choosing a plan would do, from where the workspace stands. */
type Action = 'current' | 'start' | 'try' | 'subscribe' | 'upgrade' | 'downgrade' | 'no';

/** The page of a workspace's plan: what it is on, what there is, and what choosing it would do. */
export async function sendPlans(
  req: Request,
  res: Response,
  { connections, provider }: Dependencies,
  { form = EMPTY_FORM, status = 200, promo: applied }: PlansShown,
): Promise<void> {
  const { workspace, person } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const known = await inWorkspace(connections.app, workspace.id, async (trx) => {
    const { current, begun } = await subscribedOf(trx, workspace.id);
    return {
      current: current && (await shownSubscription(trx, current)),
      begun: begun && (await findPlanPrice(trx, begun.plan_price_id)),
      held: await promoOfBegun(trx, workspace.id),
      onSale: await plansOnSale(trx, workspace.currency),
    };
  });
  const mayHaveTrial = await mayTry(connections.staff, person.id);
  const { current, begun, onSale } = known;
  // Whoever has begun a plan with a code and left finds both again.
  const promo = applied ?? (form.values['promo'] === undefined ? known.held : undefined);
  const shown = onSale.map((plan) => ({
    ...shownPlan(plan, current, mayHaveTrial),
    promo_micro: promo === undefined ? 0n : addedToPlan(promo, plan),
  }));
  const yearly = req.query['period'] === 'year';
  const isBack = req.query['back'] !== undefined && begun !== undefined;
  const isPaid = current !== undefined && current.subscription.provider !== 'none';
  const data = {
    current,
    begun: begun && nameOf(begun),
    waits: isBack,
    left: req.query['left'] !== undefined && begun !== undefined,
    period: yearly ? 'year' : 'month',
    plans: shown.filter(({ plan }) => plan.period === (yearly ? 'year' : 'month')),
    has_years: onSale.some(({ period }) => period === 'year'),
    may_change: workspace.role !== 'member',
    off_reason: provider.mode === 'off' ? provider.reason : undefined,
    simulated: provider.mode === 'simulated',
    has_portal: isPaid && provider.mode !== 'off',
    takes_codes: !isPaid && provider.mode !== 'off',
    promo,
    promo_text: promo?.code ?? form.values['promo'] ?? '',
    stands_in_the_way: isPaid ? standsInTheWay(current.subscription) : undefined,
    nonce: randomUUID(),
    form,
  };
  sendPage(req, res, 'billing/plans', data, status);
}

async function promoOfBegun(db: Db, workspaceId: string): Promise<PromoCode | undefined> {
  const code = await codeOfBegun(db, workspaceId);
  return code === undefined ? undefined : findPromoCode(db, code);
}

export interface ShownSubscription {
  subscription: Subscription;
  plan: PlanPrice;
  name: string;
  /** The plan that follows at the end of the period. */
  next: string | undefined;
  ends_at: Date | undefined;
}

async function shownSubscription(
  db: Db,
  subscription: Subscription,
): Promise<ShownSubscription | undefined> {
  const plan = await findPlanPrice(db, subscription.plan_price_id);
  if (plan === undefined) return undefined;
  const { next_plan_price_id: nextId, trial_ends_at, current_period_ends_at } = subscription;
  const next = nextId === null ? undefined : await findPlanPrice(db, nextId);
  const ends = subscription.status === 'trialing' ? trial_ends_at : current_period_ends_at;
  return {
    ...{ subscription, plan, name: nameOf(plan), ends_at: ends ?? undefined },
    next: next && nameOf(next),
  };
}

function shownPlan(plan: PlanPrice, current: ShownSubscription | undefined, mayHaveTrial: boolean) {
  return {
    plan,
    credits: creditsOfPeriod(plan),
    action: actionOf(plan, current, mayHaveTrial),
  };
}

function actionOf(
  plan: PlanPrice,
  current: ShownSubscription | undefined,
  mayHaveTrial: boolean,
): Action {
  const isCurrent = current?.plan.plan_id === plan.plan_id && current.plan.period === plan.period;
  if (isCurrent) return 'current';
  if (current === undefined || current.subscription.provider === 'none') {
    if (plan.price_minor === 0n) return current === undefined ? 'start' : 'no';
    return plan.trial_days > 0 && mayHaveTrial ? 'try' : 'subscribe';
  }
  if (plan.price_minor === 0n || standsInTheWay(current.subscription) !== undefined) return 'no';
  const change = changeBetween(current.plan, plan);
  return change === 'upgrade' || change === 'downgrade' ? change : 'no';
}
