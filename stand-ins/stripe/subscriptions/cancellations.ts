import type { Call } from '../api.ts';
import { nowSeconds, type Context } from '../context.ts';
import { missingResource } from '../errors.ts';
import type { Subscription } from './objects.ts';
import type { SubscriptionCancelParameters } from './subscription-parameters.ts';
import { endSubscription, findSubscription, periodOf } from './subscriptions.ts';

/** Ends a subscription at once. Throws a StripeError for one that has ended. The caller saves. */
export function cancelSubscription(
  context: Context,
  { cancellation_details: said }: SubscriptionCancelParameters,
  { id, request }: Call,
): Subscription {
  const record = findSubscription(context, id);
  const { subscription } = record;
  if (subscription.status === 'canceled') throw missingResource('subscription', id);
  subscription.canceled_at = nowSeconds();
  tell(subscription, said);
  return endSubscription(context, record, 'cancellation_requested', { request });
}

/** Plans the end for the end of the running period, or takes it back. */
export function planEnd(subscription: Subscription, ends: boolean): void {
  if (subscription.cancel_at_period_end === ends) return;
  subscription.cancel_at_period_end = ends;
  subscription.cancel_at = ends ? periodOf(subscription).end : null;
  subscription.canceled_at = ends ? nowSeconds() : null;
  const { comment = null, feedback = null } = subscription.cancellation_details ?? {};
  const reason = ends ? 'cancellation_requested' : null;
  subscription.cancellation_details = { comment, feedback, feedback_option: null, reason };
}

/** What the customer said of it. */
export function tell(
  subscription: Subscription,
  said: SubscriptionCancelParameters['cancellation_details'],
): void {
  const details = subscription.cancellation_details;
  if (said === undefined || details === null) return;
  if (said.comment !== undefined) details.comment = said.comment === '' ? null : said.comment;
  if (said.feedback !== undefined) details.feedback = said.feedback;
}
