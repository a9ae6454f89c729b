import { StripeSubscription } from '../subscription-objects.ts';
import { workOfSubscription } from '../subscription-updates.ts';
import { about } from './event.ts';

/** A subscription has changed its state: cancelled for later, past due, good again. */
export const customerSubscriptionUpdated = about(
  StripeSubscription,
  (context, subscription, { created }) => workOfSubscription(context, subscription, created),
);
