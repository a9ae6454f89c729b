import type { Db, Trx } from '../../lib/database.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { mixedUp } from '../payments/results.ts';
import {
  type Subscription,
  findStripeSubscription,
  findSubscription,
  lockSubscription,
} from '../subscriptions.ts';

/** How something at Stripe names a subscription. */
export interface SubscriptionNames {
  /** Stripe's. */
  id: string | null;
  /** Ours, which goes with all that is made for it. */
  scrip_subscription?: string | undefined;
}

/** Whose a subscription at Stripe is. */
export async function subscriptionToldOf(
  db: Db,
  told: SubscriptionNames,
): Promise<Subscription | undefined> {
  const own = told.scrip_subscription;
  const found = own === undefined ? undefined : await findSubscription(db, own);
  if (found !== undefined || told.id === null) return found;
  return findStripeSubscription(db, told.id);
}

/** The work on a subscription that Stripe tells of, under its lock; undefined for none of ours. */
export async function workOnSubscription(
  { staff, livemode }: EventContext,
  told: SubscriptionNames,
  takeIn: (trx: Trx, known: Subscription) => Promise<EventResult>,
): Promise<EventWork | undefined> {
  const found = await subscriptionToldOf(staff, told);
  if (found === undefined) return undefined;
  const { id, workspace_id } = found;
  return {
    workspace_id,
    run: async (trx) => {
      const known = await lockSubscription(trx, id);
      return strangenessOf(known, told.id, livemode) ?? (await takeIn(trx, known));
    },
  };
}

/** Not what we have asked for: kept, and somebody has to look. */
function strangenessOf(
  known: Subscription,
  stripeId: string | null,
  livemode: boolean,
): EventResult | undefined {
  if (known.livemode !== livemode) return mixedUp();
  if (known.stripe_subscription_id === null || known.stripe_subscription_id === stripeId) {
    return undefined;
  }
  return { state: 'flagged', note: `${stripeId} is another one at Stripe` };
}
