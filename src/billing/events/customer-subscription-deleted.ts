import { StripeSubscription } from '../subscription-objects.ts';
import { workOfSubscription } from '../subscription-updates.ts';
import { about } from './event.ts';

/** A subscription is over, whatever else is told of it later. */
export const customerSubscriptionDeleted = about(
  StripeSubscription,
  (context, subscription, { created }) =>
    workOfSubscription(context, { ...subscription, status: 'canceled' }, created),
);
