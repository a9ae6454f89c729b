import { StripeSubscription } from '../subscriptions/objects.ts';
import { workOfSubscription } from '../subscriptions/updates.ts';
import { about } from './event.ts';

/** A subscription has begun, or waits for its first payment. */
export const customerSubscriptionCreated = about(
  StripeSubscription,
  (context, subscription, { created }) => workOfSubscription(context, subscription, created),
);
