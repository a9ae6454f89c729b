import { isNews, statusOfStripe } from '../../core/subscription-states.ts';
import { endUnlimitedByPlan, walletIdOf } from '../../ledger/wallets.ts';
import type { Trx } from '../../lib/database.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import type { CheckoutSession } from '../stripe-objects.ts';
import type { StripeSubscription } from './objects.ts';
import {
  type Subscription,
  endSubscription,
  findSubscription,
  lockSubscription,
  subscribedOf,
  updateSubscription,
} from '../subscriptions.ts';
import { mixedUp } from '../payments/results.ts';
import { workOnSubscription } from './told.ts';
import { beginTrial } from './trials.ts';

/**
 * What Stripe says of a subscription's state, at a time of Stripe's. It grants nothing: only a paid
 * invoice does. For the webhook and for whoever asks Stripe, in any order.
 */
export async function workOfSubscription(
  context: EventContext,
  told: StripeSubscription,
  /** Unix time in seconds. */
  told_at: number,
): Promise<EventWork | undefined> {
  return workOnSubscription(context, told, (trx, known) => takeIn(trx, known, told, told_at));
}

async function takeIn(
  trx: Trx,
  known: Subscription,
  told: StripeSubscription,
  told_at: number,
): Promise<EventResult> {
  const status = statusOfStripe(told.status);
  if (status === undefined) return { state: 'flagged', note: `it is ${told.status}` };
  const before = { status: known.status, told_at: unixOf(known.state_at) };
  if (!isNews(before, { status, told_at })) {
    return { state: 'done', note: `no news: it is ${known.status}` };
  }
  const state = {
    stripe_subscription_id: told.id,
    stripe_item_id: told.item_id,
    state_at: laterOf(known.state_at, told_at),
  };
  if (status === 'cancelled') {
    await endSubscription(trx, known, 'payment', state);
    // Credits that were paid for stay until they expire.
    if (known.status !== 'incomplete') await endUnlimited(trx, known);
    return { state: 'done' };
  }
  if (status !== 'incomplete' && !(await becomeCurrent(trx, known))) {
    await updateSubscription(trx, known.id, { stripe_subscription_id: told.id });
    return {
      state: 'flagged',
      note: 'the workspace has another plan: cancel one of them at Stripe',
    };
  }
  await updateSubscription(trx, known.id, {
    ...state,
    status,
    cancel_at_period_end: told.cancels,
    trial_ends_at: told.trial_ends_at,
    past_due_at: status === 'past_due' ? (known.past_due_at ?? new Date(told_at * 1000)) : null,
    ...(told.period === undefined
      ? {}
      : {
          current_period_starts_at: told.period.starts_at,
          current_period_ends_at: told.period.ends_at,
        }),
  });
  if (status === 'trialing') await beginTrial(trx, known);
  return { state: 'done' };
}

async function endUnlimited(trx: Trx, { workspace_id }: Subscription): Promise<void> {
  await endUnlimitedByPlan(trx, await walletIdOf(trx, workspace_id));
}

/**
 * Makes way for a subscription that is paid for: a plan that costs nothing ends.
 * @returns false when the workspace has another one that is paid for
 */
export async function becomeCurrent(trx: Trx, subscription: Subscription): Promise<boolean> {
  const { current } = await subscribedOf(trx, subscription.workspace_id);
  if (current === undefined || current.id === subscription.id) return true;
  if (current.provider !== 'none') return false;
  await endSubscription(trx, await lockSubscription(trx, current.id), 'payment');
  return true;
}

/** The later one of two times at which Stripe said something. */
export function laterOf(known: Date | null, told_at: number): Date {
  const told = new Date(told_at * 1000);
  return known !== null && known > told ? known : told;
}

function unixOf(date: Date | null): number | null {
  return date === null ? null : Math.floor(date.getTime() / 1000);
}

/** What a Checkout session says of a subscription that was begun with it: it is there, or never will be. */
export async function workOfBegunSession(
  { staff, livemode }: EventContext,
  session: CheckoutSession,
): Promise<EventWork | undefined> {
  const own = session.metadata.scrip_subscription;
  const found = own === undefined ? undefined : await findSubscription(staff, own);
  if (found === undefined) return undefined;
  const { id, workspace_id } = found;
  return {
    workspace_id,
    run: async (trx) => {
      const known = await lockSubscription(trx, id);
      if (known.livemode !== livemode) return mixedUp();
      if (known.status !== 'incomplete') {
        return { state: 'done', note: `was ${known.status} before` };
      }
      if (session.status === 'expired') await endSubscription(trx, known, 'payment');
      else if (session.subscription !== null) {
        await updateSubscription(trx, id, { stripe_subscription_id: session.subscription });
      }
      return { state: 'done' };
    },
  };
}
