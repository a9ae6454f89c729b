import { changeBetween } from '../../core/plan-terms.ts';
import { type Connections, type Trx, inWorkspace } from '../../lib/database.ts';
import { AppError } from '../../lib/errors.ts';
import { carryOut } from '../subscriptions/asked-changes.ts';
import { type PlanPrice, findPlanPrice } from '../plans.ts';
import type { WorkingProvider } from '../provider.ts';
import {
  type ChangeKind,
  type SubscriptionChange,
  askChange,
  openChangeOf,
  ungrantedUpgradeOf,
} from '../subscriptions/changes.ts';
import {
  type Subscription,
  lockSubscription,
  subscribedOf,
  updateSubscription,
} from '../subscriptions.ts';

export type Wish =
  | { kind: 'change'; to: PlanPrice }
  /** Goes on with what was to be given up at the end of the period. */
  | { kind: 'keep' | 'cancel' | 'resume' };

export type Chosen = { outcome: 'made' } | { outcome: 'refused'; sentence: string };

/**
 * Changes the plan that a workspace is on. What Stripe has to do is written down first; when it does
 * not answer, a job asks again.
 * @throws AppError 503 `stripe_unavailable`, with what was asked for kept
 */
export async function choosePlan(
  connections: Connections,
  provider: WorkingProvider | undefined,
  who: { workspace_id: string; person_id: string },
  wish: Wish,
): Promise<Chosen> {
  const asked = await inWorkspace(connections.app, who.workspace_id, async (trx) => {
    const { current } = await subscribedOf(trx, who.workspace_id);
    if (current === undefined) return 'There is no plan to change.';
    const subscription = await lockSubscription(trx, current.id);
    const kind = await kindOf(trx, subscription, wish);
    if (typeof kind !== 'object') return kind;
    if (subscription.provider === 'none') return changeFree(trx, subscription, kind.kind);
    if (provider?.mode !== subscription.provider || provider.livemode !== subscription.livemode) {
      return 'This plan was taken while payments were set up in another way. Ask the seller to change it.';
    }
    const change = await askChange(trx, { subscription, ...kind, person_id: who.person_id });
    return change ?? UNDER_WAY;
  });
  if (asked === undefined) return { outcome: 'made' };
  if (typeof asked === 'string') return { outcome: 'refused', sentence: asked };
  if (provider === undefined) throw new Error('a change was asked for without a provider');
  return tell(await carryOut(connections, provider, asked));
}

const UNDER_WAY = 'A change of this plan is under way. Look again in a minute.';

function tell({ state, note }: SubscriptionChange): Chosen {
  switch (state) {
    case 'done':
      return { outcome: 'made' };
    case 'refused':
      return { outcome: 'refused', sentence: `Stripe refused it: ${note ?? 'without a reason'}` };
    case 'asked':
      throw new AppError(503, 'stripe_unavailable', UNDER_WAY);
  }
}

/** A plan that costs nothing is cancelled and kept without asking anybody. */
async function changeFree(
  trx: Trx,
  { id }: Subscription,
  kind: ChangeKind,
): Promise<string | undefined> {
  if (kind !== 'cancel' && kind !== 'resume') return 'Choose the plan anew.';
  await updateSubscription(trx, id, { cancel_at_period_end: kind === 'cancel' });
  return undefined;
}

/** What a wish comes to; undefined when it is so already, or a sentence why it cannot be. */
async function kindOf(
  trx: Trx,
  subscription: Subscription,
  wish: Wish,
): Promise<{ kind: ChangeKind; to_plan_price_id: string } | string | undefined> {
  const { plan_price_id, next_plan_price_id, cancel_at_period_end } = subscription;
  const same = { to_plan_price_id: plan_price_id };
  switch (wish.kind) {
    case 'cancel':
      return cancel_at_period_end ? undefined : { kind: 'cancel', ...same };
    case 'resume':
      return cancel_at_period_end ? { kind: 'resume', ...same } : undefined;
    case 'keep':
      return next_plan_price_id === null ? undefined : { kind: 'keep', ...same };
    case 'change':
      return changeOf(trx, subscription, wish.to);
  }
}

async function changeOf(
  trx: Trx,
  subscription: Subscription,
  to: PlanPrice,
): Promise<{ kind: ChangeKind; to_plan_price_id: string } | string | undefined> {
  const now = await findPlanPrice(trx, subscription.plan_price_id);
  if (now === undefined) throw new Error(`subscription ${subscription.id} has no price`);
  if (subscription.next_plan_price_id === to.id) return undefined;
  const standing = standsInTheWay(subscription);
  if (standing !== undefined) return standing;
  if ((await ungrantedUpgradeOf(trx, subscription.id)) !== undefined) return UNDER_WAY;
  if ((await openChangeOf(trx, subscription.id)) !== undefined) return UNDER_WAY;
  if (to.price_minor === 0n)
    return `Cancel ${now.name} first: ${to.name} can begin when it has ended.`;
  const kind = changeBetween(now, to);
  switch (kind) {
    case 'none':
      return `You are on ${now.name} already, or it cannot be changed into ${to.name}.`;
    case 'other_currency':
      return `Your plan is paid in ${now.currency}. Cancel it to take one in ${to.currency}.`;
    case 'after_the_year':
      return 'Your plan is paid for the whole year. Cancel it, and choose a monthly one when the year is over.';
    case 'upgrade':
    case 'downgrade':
      return { kind, to_plan_price_id: to.id };
  }
}

/** Why a plan cannot be exchanged at the moment. */
export function standsInTheWay(subscription: Subscription): string | undefined {
  const { status, cancel_at_period_end, next_plan_price_id } = subscription;
  if (cancel_at_period_end) return 'Your plan is cancelled. Keep it first, then change it.';
  if (next_plan_price_id !== null)
    return 'Another plan is to follow. Keep your plan first, then change it.';
  if (status === 'trialing') return 'You can change the plan when the trial is over.';
  if (status === 'past_due') return 'Pay the open invoice first, then change the plan.';
  return undefined;
}
