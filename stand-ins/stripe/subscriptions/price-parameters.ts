import type Stripe from 'stripe';
import { z } from 'zod';
import {
  boolean,
  currency,
  expand,
  integer,
  listShape,
  metadata,
  metadataChange,
  notDone,
  text,
  type AllTrue,
  type Names,
} from '../parameters.ts';

export const INTERVALS = ['day', 'month', 'week', 'year'] as const;
const TAX_BEHAVIORS = ['exclusive', 'inclusive', 'unspecified'] as const;

/** How often the price of a `price_data` is paid. */
export const recurringShape = {
  interval: z.enum(INTERVALS),
  interval_count: integer(1, 36).optional(),
};

const recurringCreateShape = {
  ...recurringShape,
  meter: notDone,
  trial_period_days: notDone,
  usage_type: z.enum(['licensed']).optional(),
};

const productDataShape = {
  active: boolean.optional(),
  id: text().optional(),
  metadata: metadata.optional(),
  name: text(),
  statement_descriptor: text(22).optional(),
  tax_code: text().optional(),
  tax_details: notDone,
  unit_label: text(12).optional(),
};

const createShape = {
  active: boolean.optional(),
  billing_scheme: z.enum(['per_unit']).optional(),
  currency,
  currency_options: notDone,
  custom_unit_amount: notDone,
  expand,
  lookup_key: text(200).optional(),
  metadata: metadata.optional(),
  nickname: text().optional(),
  product: text().optional(),
  product_data: z.strictObject(productDataShape).optional(),
  recurring: z.strictObject(recurringCreateShape).optional(),
  tax_behavior: z.enum(TAX_BEHAVIORS).optional(),
  tiers: notDone,
  tiers_mode: notDone,
  transfer_lookup_key: boolean.optional(),
  transform_quantity: notDone,
  unit_amount: integer(0).optional(),
  unit_amount_decimal: notDone,
};

const updateShape = {
  active: boolean.optional(),
  currency_options: notDone,
  expand,
  lookup_key: text(200).optional(),
  metadata: metadataChange.optional(),
  nickname: text().optional(),
  tax_behavior: z.enum(TAX_BEHAVIORS).optional(),
  transfer_lookup_key: boolean.optional(),
};

const priceListShape = {
  ...listShape,
  active: boolean.optional(),
  currency: currency.optional(),
  lookup_keys: z.array(text(200)).max(10).optional(),
  product: text().optional(),
  recurring: z
    .strictObject({
      interval: z.enum(INTERVALS).optional(),
      meter: notDone,
      usage_type: notDone,
    })
    .optional(),
  type: z.enum(['one_time', 'recurring']).optional(),
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof createShape, Stripe.PriceCreateParams>,
    Names<typeof productDataShape, Stripe.PriceCreateParams.ProductData>,
    Names<typeof recurringCreateShape, Stripe.PriceCreateParams.Recurring>,
    Names<typeof updateShape, Stripe.PriceUpdateParams>,
    Names<typeof priceListShape, Stripe.PriceListParams>,
  ]
>;

export const priceCreateParameters = z.strictObject(createShape);
export const priceUpdateParameters = z.strictObject(updateShape);
export const priceListParameters = z.strictObject(priceListShape);
export type PriceCreateParameters = z.output<typeof priceCreateParameters>;
export type PriceUpdateParameters = z.output<typeof priceUpdateParameters>;
export type PriceListParameters = z.output<typeof priceListParameters>;

/** What is read from `recurring`, wherever a price is made. */
export interface RecurringParameters {
  interval: (typeof INTERVALS)[number];
  interval_count?: number | undefined;
}
