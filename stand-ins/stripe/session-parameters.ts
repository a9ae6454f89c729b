import type Stripe from 'stripe';
import { z } from 'zod';
import {
  boolean,
  currency,
  email,
  expand,
  integer,
  listShape,
  metadata,
  METHODS,
  notDone,
  pageShape,
  text,
  url,
  type AllTrue,
  type Names,
} from './parameters.ts';

import { recurringShape } from './subscriptions/price-parameters.ts';

type CreateParams = Stripe.Checkout.SessionCreateParams;

const LOCALES =
  'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'.split(
    ' ',
  );

const priceDataShape = {
  currency,
  product: text().optional(),
  product_data: z
    .strictObject({
      description: text().optional(),
      images: z.array(url).max(8).optional(),
      metadata: metadata.optional(),
      name: text(),
      tax_code: text().optional(),
      tax_details: notDone,
      unit_label: text(12).optional(),
    })
    .optional(),
  recurring: z.strictObject(recurringShape).optional(),
  tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
  unit_amount: integer(0).optional(),
  unit_amount_decimal: notDone,
};

const lineItemShape = {
  adjustable_quantity: notDone,
  metadata: metadata.optional(),
  price: text().optional(),
  price_data: z.strictObject(priceDataShape).optional(),
  quantity: integer(1, 999_999).optional(),
  tax_rates: notDone,
};

const intentDataShape = {
  application_fee_amount: notDone,
  capture_method: notDone,
  description: text(1000).optional(),
  metadata: metadata.optional(),
  on_behalf_of: notDone,
  receipt_email: email.optional(),
  setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
  shipping: notDone,
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
  transfer_data: notDone,
  transfer_group: text().optional(),
};

const setupDataShape = {
  description: text(1000).optional(),
  metadata: metadata.optional(),
  on_behalf_of: notDone,
};

const subscriptionDataShape = {
  application_fee_percent: notDone,
  billing_cycle_anchor: notDone,
  billing_cycle_anchor_config: notDone,
  billing_mode: notDone,
  default_tax_rates: notDone,
  description: text(500).optional(),
  invoice_settings: notDone,
  metadata: metadata.optional(),
  on_behalf_of: notDone,
  pending_invoice_item_interval: notDone,
  proration_behavior: z.enum(['create_prorations', 'none']).optional(),
  transfer_data: notDone,
  trial_end: integer(0).optional(),
  trial_period_days: integer(1, 730).optional(),
  trial_settings: z
    .strictObject({
      end_behavior: z.strictObject({
        missing_payment_method: z.enum(['cancel', 'create_invoice']),
      }),
    })
    .optional(),
};

const createShape = {
  adaptive_pricing: z.strictObject({ enabled: boolean.optional() }).optional(),
  after_expiration: notDone,
  allow_promotion_codes: boolean.optional(),
  allowed_payment_method_types: z.array(z.enum(METHODS)).optional(),
  automatic_tax: z.strictObject({ enabled: boolean, liability: notDone }).optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  branding_settings: notDone,
  cancel_url: url.optional(),
  client_reference_id: text(200).optional(),
  consent_collection: notDone,
  currency: currency.optional(),
  custom_fields: notDone,
  custom_text: notDone,
  customer: text().optional(),
  customer_account: notDone,
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: email.optional(),
  customer_update: z
    .strictObject({
      address: z.enum(['auto', 'never']).optional(),
      name: z.enum(['auto', 'never']).optional(),
      shipping: z.enum(['auto', 'never']).optional(),
    })
    .optional(),
  discounts: notDone,
  excluded_payment_method_types: notDone,
  expand,
  expires_at: integer(0).optional(),
  integration_identifier: text().optional(),
  invoice_creation: z.strictObject({ enabled: boolean, invoice_data: notDone }).optional(),
  line_items: z.array(z.strictObject(lineItemShape)).min(1).max(100).optional(),
  locale: z.enum(LOCALES).optional(),
  managed_payments: notDone,
  metadata: metadata.optional(),
  mode: z.enum(['payment', 'setup', 'subscription']),
  name_collection: notDone,
  optional_items: notDone,
  origin_context: z.enum(['mobile_app', 'web']).optional(),
  payment_intent_data: z.strictObject(intentDataShape).optional(),
  payment_method_collection: z.enum(['always', 'if_required']).optional(),
  payment_method_configuration: notDone,
  payment_method_data: notDone,
  payment_method_options: notDone,
  permissions: notDone,
  phone_number_collection: z.strictObject({ enabled: boolean }).optional(),
  redirect_on_completion: notDone,
  return_url: notDone,
  saved_payment_method_options: notDone,
  setup_intent_data: z.strictObject(setupDataShape).optional(),
  shipping_address_collection: notDone,
  shipping_options: notDone,
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  subscription_data: z.strictObject(subscriptionDataShape).optional(),
  success_url: url.optional(),
  tax_id_collection: z
    .strictObject({ enabled: boolean, required: z.enum(['if_supported', 'never']).optional() })
    .optional(),
  ui_mode: z.enum(['elements', 'embedded_page', 'form', 'hosted_page']).optional(),
  wallet_options: notDone,
};

const listSessionsShape = {
  ...listShape,
  customer: text().optional(),
  customer_account: notDone,
  customer_details: z.strictObject({ email }).optional(),
  payment_intent: text().optional(),
  payment_link: notDone,
  status: z.enum(['complete', 'expired', 'open']).optional(),
  subscription: text().optional(),
};

type LineItemParams = Stripe.Checkout.SessionCreateParams.LineItem;

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof createShape, CreateParams>,
    Names<typeof lineItemShape, LineItemParams>,
    Names<typeof priceDataShape, Stripe.Checkout.SessionCreateParams.LineItem.PriceData>,
    Names<typeof intentDataShape, CreateParams['payment_intent_data'] & object>,
    Names<typeof subscriptionDataShape, CreateParams['subscription_data'] & object>,
    Names<typeof setupDataShape, CreateParams['setup_intent_data'] & object>,
    Names<typeof listSessionsShape, Stripe.Checkout.SessionListParams>,
  ]
>;

export const sessionCreateParameters = z.strictObject(createShape);
export type SessionCreateParameters = z.output<typeof sessionCreateParameters>;
export type LineItemParameters = NonNullable<SessionCreateParameters['line_items']>[number];

export const sessionRetrieveParameters = z.strictObject({ expand });
export const sessionExpireParameters = z.strictObject({ expand });
export const sessionLinesParameters = z.strictObject(pageShape);

export const sessionListParameters = z.strictObject(listSessionsShape);
