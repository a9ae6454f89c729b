import type Stripe from 'stripe';
import { z } from 'zod';
import {
  email,
  emptyable,
  expand,
  integer,
  listShape,
  metadata,
  metadataChange,
  notDone,
  pageShape,
  text,
  type AllTrue,
  type Names,
} from './parameters.ts';
import { taxIdParameters } from './tax-id-types.ts';

const address = emptyable(
  z.strictObject({
    city: text().optional(),
    country: text(2).optional(),
    line1: text().optional(),
    line2: text().optional(),
    postal_code: text().optional(),
    state: text().optional(),
  }),
);

const taxExempt = emptyable(z.enum(['exempt', 'none', 'reverse']));

const createShape = {
  address: address.optional(),
  balance: notDone,
  business_name: emptyable(text(150)).optional(),
  cash_balance: notDone,
  description: text().optional(),
  email: email.optional(),
  expand,
  individual_name: emptyable(text(150)).optional(),
  invoice_prefix: notDone,
  invoice_settings: notDone,
  metadata: metadata.optional(),
  name: text(256).optional(),
  next_invoice_sequence: notDone,
  payment_method: notDone,
  phone: text(20).optional(),
  preferred_locales: z.array(text()).optional(),
  shipping: notDone,
  source: notDone,
  tax: notDone,
  tax_exempt: taxExempt.optional(),
  tax_id_data: z.array(taxIdParameters).max(5).optional(),
  test_clock: notDone,
  validate: notDone,
};

const settingsShape = {
  custom_fields: notDone,
  default_payment_method: emptyable(text()).optional(),
  footer: notDone,
  rendering_options: notDone,
};

const updateShape = {
  address: address.optional(),
  balance: notDone,
  business_name: emptyable(text(150)).optional(),
  cash_balance: notDone,
  default_source: notDone,
  description: emptyable(text()).optional(),
  email: emptyable(email).optional(),
  expand,
  individual_name: emptyable(text(150)).optional(),
  invoice_prefix: notDone,
  invoice_settings: z.strictObject(settingsShape).optional(),
  metadata: metadataChange.optional(),
  name: emptyable(text(256)).optional(),
  next_invoice_sequence: integer(1).optional(),
  phone: emptyable(text(20)).optional(),
  preferred_locales: z.array(text()).optional(),
  shipping: notDone,
  source: notDone,
  tax: notDone,
  tax_exempt: taxExempt.optional(),
  validate: notDone,
};

const customerListShape = { ...listShape, email: text().optional(), test_clock: notDone };

type UpdateParams = Stripe.CustomerUpdateParams;

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof createShape, Stripe.CustomerCreateParams>,
    Names<typeof updateShape, UpdateParams>,
    Names<typeof settingsShape, UpdateParams['invoice_settings'] & object>,
    Names<typeof customerListShape, Stripe.CustomerListParams>,
  ]
>;

export const customerCreateParameters = z.strictObject(createShape);
export const customerUpdateParameters = z.strictObject(updateShape);
export const customerRetrieveParameters = z.strictObject({ expand });
export const customerDeleteParameters = z.strictObject({ expand: z.undefined().optional() });
export const customerListParameters = z.strictObject(customerListShape);
export const taxIdListParameters = z.strictObject(pageShape);
export const taxIdCreateParameters = taxIdParameters.extend({ expand });
