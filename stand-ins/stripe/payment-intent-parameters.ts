import type Stripe from 'stripe';
import { z } from 'zod';
import {
  boolean,
  currency,
  email,
  emptyable,
  expand,
  integer,
  listShape,
  metadata,
  metadataChange,
  METHODS,
  notDone,
  text,
  url,
  type AllTrue,
  type Names,
} from './parameters.ts';

const futureUsage = z.enum(['off_session', 'on_session']);

const createShape = {
  allowed_payment_method_types: z.array(z.enum(METHODS)).optional(),
  amount: integer(1),
  amount_details: notDone,
  application_fee_amount: notDone,
  automatic_payment_methods: z
    .strictObject({ allow_redirects: z.enum(['always', 'never']).optional(), enabled: boolean })
    .optional(),
  capture_method: notDone,
  confirm: boolean.optional(),
  confirmation_method: notDone,
  confirmation_token: notDone,
  currency,
  customer: text().optional(),
  customer_account: notDone,
  description: text(1000).optional(),
  error_on_requires_action: boolean.optional(),
  excluded_payment_method_types: notDone,
  expand,
  hooks: notDone,
  mandate: notDone,
  mandate_data: notDone,
  metadata: metadata.optional(),
  off_session: boolean.optional(),
  on_behalf_of: notDone,
  payment_details: notDone,
  payment_method: text().optional(),
  payment_method_configuration: notDone,
  payment_method_data: notDone,
  payment_method_options: notDone,
  radar_options: notDone,
  receipt_email: email.optional(),
  return_url: url.optional(),
  setup_future_usage: futureUsage.optional(),
  shipping: notDone,
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
  transfer_data: notDone,
  transfer_group: text().optional(),
  use_stripe_sdk: notDone,
};

const updateShape = {
  allowed_payment_method_types: z.array(z.enum(METHODS)).optional(),
  amount: integer(1).optional(),
  amount_details: notDone,
  application_fee_amount: notDone,
  capture_method: notDone,
  currency: currency.optional(),
  customer: text().optional(),
  customer_account: notDone,
  description: emptyable(text(1000)).optional(),
  excluded_payment_method_types: notDone,
  expand,
  hooks: notDone,
  metadata: metadataChange.optional(),
  payment_details: notDone,
  payment_method: text().optional(),
  payment_method_configuration: notDone,
  payment_method_data: notDone,
  payment_method_options: notDone,
  receipt_email: emptyable(email).optional(),
  setup_future_usage: emptyable(futureUsage).optional(),
  shipping: notDone,
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
  transfer_data: notDone,
  transfer_group: text().optional(),
};

const confirmShape = {
  allowed_payment_method_types: z.array(z.enum(METHODS)).optional(),
  amount_details: notDone,
  amount_to_confirm: notDone,
  capture_method: notDone,
  confirmation_token: notDone,
  error_on_requires_action: boolean.optional(),
  excluded_payment_method_types: notDone,
  expand,
  hooks: notDone,
  mandate: notDone,
  mandate_data: notDone,
  off_session: boolean.optional(),
  payment_details: notDone,
  payment_method: text().optional(),
  payment_method_data: notDone,
  payment_method_options: notDone,
  radar_options: notDone,
  receipt_email: emptyable(email).optional(),
  return_url: url.optional(),
  setup_future_usage: emptyable(futureUsage).optional(),
  shipping: notDone,
  use_stripe_sdk: notDone,
};

const cancelShape = {
  cancellation_reason: z
    .enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'])
    .optional(),
  expand,
};

const intentListShape = { ...listShape, customer: text().optional(), customer_account: notDone };

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof createShape, Stripe.PaymentIntentCreateParams>,
    Names<typeof updateShape, Stripe.PaymentIntentUpdateParams>,
    Names<typeof confirmShape, Stripe.PaymentIntentConfirmParams>,
    Names<typeof cancelShape, Stripe.PaymentIntentCancelParams>,
    Names<typeof intentListShape, Stripe.PaymentIntentListParams>,
  ]
>;

export const intentCreateParameters = z.strictObject(createShape);
export const intentUpdateParameters = z.strictObject(updateShape);
export const intentConfirmParameters = z.strictObject(confirmShape);
export const intentCancelParameters = z.strictObject(cancelShape);
export const intentListParameters = z.strictObject(intentListShape);
export const intentRetrieveParameters = z.strictObject({ client_secret: notDone, expand });
