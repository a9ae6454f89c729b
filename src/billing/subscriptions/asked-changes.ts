import Stripe from 'stripe';
import { sql } from 'kysely';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { AppError } from '../../lib/errors.ts';
import { findPlanPrice } from '../plans.ts';
import { oneByOne } from '../one-by-one.ts';
import { type WorkingProvider, isKeptUnderKey } from '../provider.ts';
import { forgetStripePrice, stripePriceOf } from '../plans/stripe-prices.ts';
import {
  type SubscriptionChange,
  claimChange,
  countChangeTry,
  findChange,
  settleChange,
} from './changes.ts';
import { StripeSubscription } from './objects.ts';
import { type Subscription, lockSubscription, updateSubscription } from '../subscriptions.ts';

const AT_ONCE_MAX = 100;

/**
 * Asks Stripe for a change that is written down, outside of any transaction and with a key of its
 * row: asked again after a crash or a time-out, Stripe makes it once.
 * @returns what became of it: made, or refused for a reason that Stripe gives
 * @throws AppError 503 `stripe_unavailable`: a job asks again
 */
export async function carryOut(
  connections: Connections,
  provider: WorkingProvider,
  { id, workspace_id }: Pick<SubscriptionChange, 'id' | 'workspace_id'>,
): Promise<SubscriptionChange> {
  const claimed = await inWorkspace(connections.app, workspace_id, async (trx) => {
    if (!(await claimChange(trx, id))) return undefined;
    const change = await findChange(trx, id);
    return change && { change, of: await lockSubscription(trx, change.subscription_id) };
  });
  if (claimed !== undefined) await askAndSettle(connections, provider, claimed);
  const change = await inWorkspace(connections.app, workspace_id, (trx) => findChange(trx, id));
  if (change === undefined) throw new Error(`change ${id} has gone`);
  return change;
}

/** Asks Stripe for what nobody has got an answer to yet. */
export async function carryOutAll(
  connections: Connections,
  provider: WorkingProvider,
): Promise<void> {
  const due = await connections.staff
    .selectFrom('subscription_changes as c')
    .innerJoin('subscriptions as s', 's.id', 'c.subscription_id')
    .select(['c.id', 'c.workspace_id'])
    .where('c.state', '=', 'asked')
    .where('c.next_try_at', '<=', sql<Date>`now()`)
    .where('s.provider', '=', provider.mode)
    .where('s.livemode', '=', provider.livemode)
    .orderBy('c.next_try_at')
    .limit(AT_ONCE_MAX)
    .execute();
  await oneByOne(due, async (change) => {
    await carryOut(connections, provider, change);
  });
}

interface Claimed {
  change: SubscriptionChange;
  of: Subscription;
}

async function askAndSettle(
  connections: Connections,
  provider: WorkingProvider,
  claimed: Claimed,
): Promise<void> {
  const { change } = claimed;
  try {
    await askStripe(connections, provider, claimed);
  } catch (error) {
    const refusal = refusalOf(error);
    forgetStripePrice(provider, change.to_plan_price_id);
    await inWorkspace(connections.app, change.workspace_id, async (trx) => {
      if (refusal !== undefined) await settleChange(trx, change.id, 'refused', refusal);
      else if (isKeptUnderKey(error)) await countChangeTry(trx, change.id);
    });
    if (refusal !== undefined) return;
    throw new AppError(
      503,
      'stripe_unavailable',
      'Stripe did not answer. Your change is kept and will be made when it does.',
      {},
      { cause: error },
    );
  }
  await inWorkspace(connections.app, change.workspace_id, async (trx) => {
    await lockSubscription(trx, change.subscription_id);
    await settleChange(trx, change.id, 'done');
    await updateSubscription(trx, change.subscription_id, madeBy(change));
  });
}

/** What is known at once. What an upgrade gives is known when it is paid for. */
function madeBy({ kind, to_plan_price_id }: SubscriptionChange): Partial<Subscription> {
  switch (kind) {
    case 'cancel':
      return { cancel_at_period_end: true };
    case 'resume':
      return { cancel_at_period_end: false };
    case 'downgrade':
      return { next_plan_price_id: to_plan_price_id };
    case 'keep':
      return { next_plan_price_id: null };
    case 'upgrade':
    case 'end_trial':
      return {};
  }
}

async function askStripe(
  connections: Connections,
  provider: WorkingProvider,
  { change, of }: Claimed,
): Promise<void> {
  if (of.stripe_subscription_id === null) throw new Error(`${of.id} is not at Stripe`);
  const answer = await provider.stripe.subscriptions.update(
    of.stripe_subscription_id,
    await parametersOf(connections, provider, { change, of }),
    { idempotencyKey: `change:${change.id}:${change.tries}` },
  );
  // The library takes some error answers for success, so what came is looked at.
  StripeSubscription.parse(answer);
}

async function parametersOf(
  connections: Connections,
  provider: WorkingProvider,
  { change, of }: Claimed,
): Promise<Stripe.SubscriptionUpdateParams> {
  switch (change.kind) {
    case 'cancel':
      return { cancel_at_period_end: true };
    case 'resume':
      return { cancel_at_period_end: false };
    case 'end_trial':
      return { trial_end: 'now' };
    case 'keep':
    case 'downgrade':
      return {
        ...(await priceOf(connections, provider, { change, of })),
        proration_behavior: 'none',
      };
    case 'upgrade':
      return {
        ...(await priceOf(connections, provider, { change, of })),
        proration_behavior: 'always_invoice',
        // Changed and paid, or neither.
        payment_behavior: 'error_if_incomplete',
        ...(change.prorated_at === null
          ? {}
          : { proration_date: change.prorated_at.getTime() / 1000 }),
      };
  }
}

/** Another price for the one item. The metadata say on each invoice what it is for. */
async function priceOf(
  { staff }: Connections,
  provider: WorkingProvider,
  { change, of }: Claimed,
): Promise<Pick<Stripe.SubscriptionUpdateParams, 'items' | 'metadata'>> {
  const plan = await findPlanPrice(staff, change.to_plan_price_id);
  if (plan === undefined || of.stripe_item_id === null) {
    throw new Error(`${of.id} has no item or price at Stripe`);
  }
  return {
    items: [{ id: of.stripe_item_id, price: await stripePriceOf(provider, plan), quantity: 1 }],
    metadata: { scrip_subscription: of.id, scrip_plan_price: plan.id },
  };
}

/** Why Stripe does not do it, in its words; undefined for what may go better another time. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof Stripe.errors.StripeCardError) return error.message;
  const isForGood =
    error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode !== 409;
  return isForGood ? error.message : undefined;
}
