import { StripeSubscription } from '../subscriptions/objects.ts';
import { workOfSubscription } from '../subscriptions/updates.ts';
import { about } from './event.ts';

/** A subscription is over, whatever else is told of it later. */
export const customerSubscriptionDeleted = about(
  StripeSubscription,
  (context, subscription, { created }) =>
    workOfSubscription(context, { ...subscription, status: 'canceled' }, created),
);
