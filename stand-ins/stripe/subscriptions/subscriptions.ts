import { nowSeconds, type Context } from '../context.ts';
import { missingResource } from '../errors.ts';
import { emitEvent, type EventNews } from '../events.ts';
import { page, type List } from '../lists.ts';
import { differences } from '../differences.ts';
import type { Subscription, SubscriptionItem, SubscriptionRecord } from './objects.ts';
import { findProduct } from './products.ts';
import { productIdOf } from './prices.ts';
import type { SubscriptionListParameters } from './subscription-parameters.ts';

/** A subscription by its id; throws a StripeError. */
export function findSubscription(context: Context, id: string, param = 'id'): SubscriptionRecord {
  const record = context.store.subscriptions.get(id);
  if (record === undefined) throw missingResource('subscription', id, param);
  return record;
}

/** Subscriptions, the newest first; without a status those that are not canceled. */
export function listSubscriptions(
  context: Context,
  parameters: SubscriptionListParameters,
): List<Subscription> {
  const { customer, price, status } = parameters;
  const subscriptions = [...context.store.subscriptions.values()]
    .map(({ subscription }) => subscription)
    .filter(
      (subscription) =>
        (customer === undefined || subscription.customer === customer) &&
        (price === undefined || subscription.items.data.some((item) => item.price.id === price)) &&
        hasStatus(subscription, status),
    );
  return page(subscriptions, parameters, { url: '/v1/subscriptions', kind: 'subscription' });
}

function hasStatus(
  { status }: Subscription,
  wanted: SubscriptionListParameters['status'],
): boolean {
  if (wanted === undefined) return status !== 'canceled';
  if (wanted === 'ended') return status === 'canceled' || status === 'incomplete_expired';
  return wanted === 'all' || status === wanted;
}

/** Changes a subscription; its event says what was before. Nothing is sent when nothing changed. */
export function changeSubscription(
  context: Context,
  { subscription }: SubscriptionRecord,
  change: (subscription: Subscription) => void,
  event: EventNews,
): void {
  const before = structuredClone(subscription);
  change(subscription);
  const previous_attributes = differences(before, subscription);
  if (previous_attributes === undefined) return;
  const type = 'customer.subscription.updated';
  emitEvent(context, { type, object: subscription, previous_attributes, ...event });
}

/** Ends a subscription now. Its open invoice stays open, and nobody is charged for it again. */
export function endSubscription(
  context: Context,
  { subscription }: SubscriptionRecord,
  reason: 'cancellation_requested' | 'payment_failed',
  event: EventNews,
): Subscription {
  const now = nowSeconds();
  subscription.canceled_at ??= now;
  subscription.ended_at = now;
  subscription.status = 'canceled';
  const { comment = null, feedback = null } = subscription.cancellation_details ?? {};
  subscription.cancellation_details = { comment, feedback, feedback_option: null, reason };
  for (const invoice of context.store.invoices.values()) {
    if (invoice.parent?.subscription_details?.subscription !== subscription.id) continue;
    if (invoice.status !== 'open') continue;
    invoice.auto_advance = false;
    invoice.next_payment_attempt = null;
  }
  emitEvent(context, { type: 'customer.subscription.deleted', object: subscription, ...event });
  return subscription;
}

/** When the running period began, and when it ends. */
export function periodOf({ items }: Subscription): { start: number; end: number } {
  const [item] = items.data;
  return { start: item?.current_period_start ?? 0, end: item?.current_period_end ?? 0 };
}

/** What people call an item: its product's name. */
export function nameOf(context: Context, { price }: Pick<SubscriptionItem, 'price'>): string {
  return findProduct(context, productIdOf(price)).name;
}
