import type Stripe from 'stripe';
import { z } from 'zod';
import { expand, listShape, notDone, text, type AllTrue, type Names } from '../parameters.ts';

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
    Names<typeof cancelShape, Stripe.SubscriptionCancelParams>,
    Names<typeof cancellationShape, Stripe.SubscriptionCancelParams.CancellationDetails>,
  ]
>;

export const subscriptionListParameters = z.strictObject(subscriptionListShape);
export type SubscriptionListParameters = z.output<typeof subscriptionListParameters>;

export const subscriptionCancelParameters = z.strictObject(cancelShape);
export type SubscriptionCancelParameters = z.output<typeof subscriptionCancelParameters>;
