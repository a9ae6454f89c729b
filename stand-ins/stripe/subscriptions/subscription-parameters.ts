import type Stripe from 'stripe';
import { z } from 'zod';
import {
  boolean,
  expand,
  integer,
  listShape,
  metadataChange,
  notDone,
  text,
  type AllTrue,
  type Names,
} from '../parameters.ts';

const subscriptionListShape = {
  ...listShape,
  automatic_tax: notDone,
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  current_period_end: notDone,
  current_period_start: notDone,
  customer: text().optional(),
  customer_account: notDone,
  plan: notDone,
  price: text().optional(),
  status: z
    .enum([
      'active',
      'all',
      'canceled',
      'ended',
      'incomplete',
      'incomplete_expired',
      'past_due',
      'paused',
      'trialing',
      'unpaid',
    ])
    .optional(),
  test_clock: notDone,
};

const cancellationShape = {
  comment: z.string().max(5000).optional(),
  feedback: z
    .enum([
      'customer_service',
      'low_quality',
      'missing_features',
      'other',
      'switched_service',
      'too_complex',
      'too_expensive',
      'unused',
    ])
    .optional(),
  feedback_option: notDone,
};

const itemShape = {
  billing_thresholds: notDone,
  clear_usage: notDone,
  current_trial: notDone,
  deleted: notDone,
  discounts: notDone,
  id: text().optional(),
  metadata: metadataChange.optional(),
  plan: notDone,
  price: text().optional(),
  price_data: notDone,
  quantity: integer(1, 999_999).optional(),
  tax_rates: notDone,
};

/** What a change and the preview of one have in common. */
const changeShape = {
  billing_schedules: notDone,
  cancel_at: notDone,
  cancel_at_period_end: boolean.optional(),
  default_tax_rates: notDone,
  items: z.array(z.strictObject(itemShape)).max(20).optional(),
  metadata: metadataChange.optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
  proration_date: integer(0).optional(),
  // Trials are ended, not moved.
  trial_end: z.enum(['now']).optional(),
};

const updateShape = {
  ...changeShape,
  add_invoice_items: notDone,
  application_fee_percent: notDone,
  automatic_tax: z.strictObject({ enabled: boolean, liability: notDone }).optional(),
  billing_cycle_anchor: notDone,
  billing_thresholds: notDone,
  cancellation_details: z.strictObject(cancellationShape).optional(),
  collection_method: z.enum(['charge_automatically']).optional(),
  days_until_due: notDone,
  default_payment_method: text().optional(),
  default_source: notDone,
  description: z.string().max(500).optional(),
  discounts: notDone,
  expand,
  invoice_settings: notDone,
  off_session: boolean.optional(),
  on_behalf_of: notDone,
  pause_collection: notDone,
  payment_behavior: z
    .enum([
      'allow_incomplete',
      'default_incomplete',
      'error_if_incomplete',
      'pending_if_incomplete',
    ])
    .optional(),
  payment_settings: notDone,
  pending_invoice_item_interval: notDone,
  transfer_data: notDone,
  trial_from_plan: notDone,
  trial_settings: notDone,
};

const previewDetailsShape = {
  ...changeShape,
  billing_cycle_anchor: notDone,
  billing_mode: notDone,
  cancel_now: notDone,
  pause: notDone,
  resume_at: notDone,
  start_date: notDone,
};

const previewShape = {
  automatic_tax: notDone,
  currency: notDone,
  customer: text().optional(),
  customer_account: notDone,
  customer_details: notDone,
  discounts: notDone,
  expand,
  invoice_items: notDone,
  issuer: notDone,
  on_behalf_of: notDone,
  preview_mode: z.enum(['next']).optional(),
  schedule: notDone,
  schedule_details: notDone,
  subscription: text(),
  subscription_details: z.strictObject(previewDetailsShape).optional(),
};

const cancelShape = {
  cancellation_details: z.strictObject(cancellationShape).optional(),
  expand,
  invoice_now: notDone,
  prorate: notDone,
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof subscriptionListShape, Stripe.SubscriptionListParams>,
    Names<typeof updateShape, Stripe.SubscriptionUpdateParams>,
    Names<typeof itemShape, Stripe.SubscriptionUpdateParams.Item>,
    Names<typeof previewShape, Stripe.InvoiceCreatePreviewParams>,
    Names<typeof previewDetailsShape, Stripe.InvoiceCreatePreviewParams.SubscriptionDetails>,
    Names<typeof cancelShape, Stripe.SubscriptionCancelParams>,
    Names<typeof cancellationShape, Stripe.SubscriptionCancelParams.CancellationDetails>,
  ]
>;

export const subscriptionListParameters = z.strictObject(subscriptionListShape);
export type SubscriptionListParameters = z.output<typeof subscriptionListParameters>;

export const subscriptionCancelParameters = z.strictObject(cancelShape);
export type SubscriptionCancelParameters = z.output<typeof subscriptionCancelParameters>;

export const subscriptionUpdateParameters = z.strictObject(updateShape);
export type SubscriptionUpdateParameters = z.output<typeof subscriptionUpdateParameters>;
export const previewParameters = z.strictObject(previewShape);
export type PreviewParameters = z.output<typeof previewParameters>;

/** What a change of a subscription can be, asked for or tried out. */
export type ChangeParameters = Pick<SubscriptionUpdateParameters, keyof typeof changeShape>;
