import { StripeSubscription } from '../subscription-objects.ts';
import { workOfSubscription } from '../subscription-updates.ts';
import { about } from './event.ts';

/** A subscription has begun, or waits for its first payment. */
export const customerSubscriptionCreated = about(
  StripeSubscription,
  (context, subscription, { created }) => workOfSubscription(context, subscription, created),
);
