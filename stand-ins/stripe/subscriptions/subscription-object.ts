import { nowSeconds } from '../context.ts';
import { newId } from '../identifiers.ts';
import type { Price } from '../state.ts';
import type { Subscription, SubscriptionItem } from './objects.ts';
import { productIdOf } from './prices.ts';

/** What is subscribed to, by whom, and from when to when the first period is. */
export interface NewSubscription {
  automatic_tax: boolean;
  customer: string;
  currency: string;
  default_payment_method: string | null;
  description: string | null;
  items: readonly { price: Price; quantity: number; metadata: Record<string, string> }[];
  metadata: Record<string, string>;
  missing_payment_method: 'cancel' | 'create_invoice';
  period: { start: number; end: number };
  trial: boolean;
}

/** A subscription in Stripe's full shape; nothing is stored. */
export function makeSubscription(news: NewSubscription): Subscription {
  const id = newId('sub');
  const { period, trial } = news;
  const items = news.items.map(({ price, quantity, metadata }) => ({
    ...makeItem(id, price, quantity, period),
    metadata,
  }));
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: news.automatic_tax,
      liability: news.automatic_tax ? { type: 'self' } : null,
    },
    billing_cycle_anchor: trial ? period.end : period.start,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: nowSeconds(),
    currency: news.currency,
    customer: news.customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: news.default_payment_method,
    default_source: null,
    default_tax_rates: [],
    description: news.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: {
      object: 'list',
      data: items,
      has_more: false,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: news.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: period.start,
    status: trial ? 'trialing' : 'incomplete',
    test_clock: null,
    transfer_data: null,
    trial_end: trial ? period.end : null,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: news.missing_payment_method,
      },
    },
    trial_start: trial ? period.start : null,
  };
}

/** An item with its price, from the start of a period to its end. */
function makeItem(
  subscription: string,
  price: Price,
  quantity: number,
  period: { start: number; end: number },
): SubscriptionItem {
  return {
    id: newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: nowSeconds(),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    quantity,
    subscription,
    tax_rates: [],
  };
}

/** The same price in the shape that subscriptions still carry beside it. */
export function planOf(price: Price): SubscriptionItem['plan'] {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: productIdOf(price),
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}
