import { StripeSubscription } from '../subscriptions/objects.ts';
import { workOfSubscription } from '../subscriptions/updates.ts';
import { about } from './event.ts';

/** A subscription has changed its state: cancelled for later, past due, good again. */
export const customerSubscriptionUpdated = about(
  StripeSubscription,
  (context, subscription, { created }) => workOfSubscription(context, subscription, created),
);
