import type Stripe from 'stripe';
import { z } from 'zod';
import {
  boolean,
  expand,
  listShape,
  notDone,
  pageShape,
  text,
  type AllTrue,
  type Names,
} from '../parameters.ts';

const invoiceListShape = {
  ...listShape,
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  customer: text().optional(),
  customer_account: notDone,
  due_date: notDone,
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  subscription: text().optional(),
};

const payShape = {
  expand,
  forgive: notDone,
  mandate: notDone,
  off_session: boolean.optional(),
  paid_out_of_band: boolean.optional(),
  payment_method: text().optional(),
  source: notDone,
};

const paymentListShape = {
  ...listShape,
  invoice: text().optional(),
  payment: z
    .strictObject({
      payment_intent: text().optional(),
      payment_record: notDone,
      type: z.enum(['payment_intent']),
    })
    .optional(),
  status: z.enum(['canceled', 'open', 'paid']).optional(),
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof invoiceListShape, Stripe.InvoiceListParams>,
    Names<typeof payShape, Stripe.InvoicePayParams>,
    Names<typeof paymentListShape, Stripe.InvoicePaymentListParams>,
  ]
>;

export const invoiceListParameters = z.strictObject(invoiceListShape);
export const invoiceLinesParameters = z.strictObject(pageShape);
export const invoicePayParameters = z.strictObject(payShape);
export const invoicePaymentListParameters = z.strictObject(paymentListShape);

export type InvoiceListParameters = z.output<typeof invoiceListParameters>;
export type InvoiceLinesParameters = z.output<typeof invoiceLinesParameters>;
export type InvoicePayParameters = z.output<typeof invoicePayParameters>;
export type InvoicePaymentListParameters = z.output<typeof invoicePaymentListParameters>;
