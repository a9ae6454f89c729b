import type Stripe from 'stripe';
import type { Context } from './context.ts';
import { findCustomer } from './customers.ts';
import { emitEvent, type EventNews } from './events.ts';
import { idOf } from './identifiers.ts';
import { endSubscription } from './subscriptions/subscriptions.ts';

const ENDED = ['canceled', 'incomplete_expired'];

/**
 * Deletes a customer for good: its subscriptions end at once and its cards go along. Throws a
 * StripeError.
 */
export function deleteCustomer(
  context: Context,
  id: string,
  news: EventNews = {},
): Stripe.DeletedCustomer {
  const { store } = context;
  const customer = findCustomer(context, id);
  for (const record of store.subscriptions.values()) {
    const { subscription } = record;
    if (subscription.customer !== id || ENDED.includes(subscription.status)) continue;
    endSubscription(context, record, 'cancellation_requested', news);
  }
  for (const method of store.payment_methods.values()) {
    if (idOf(method.customer) === id) method.customer = null;
  }
  store.customers.delete(id);
  store.deleted_customers.add(id);
  emitEvent(context, { type: 'customer.deleted', object: customer, ...news });
  return { id, object: 'customer', deleted: true };
}
