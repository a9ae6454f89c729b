import type Stripe from 'stripe';
import { z } from 'zod';
import type { List } from '../lists.ts';
import type { Price } from '../state.ts';

/** The objects of recurring payments as they go over the wire: decimals are strings there. */

type Plan = Omit<Stripe.Plan, 'amount_decimal'> & { amount_decimal: string | null };

export type SubscriptionItem = Omit<Stripe.SubscriptionItem, 'plan' | 'price' | 'quantity'> & {
  plan: Plan;
  price: Price;
  quantity: number;
};

export type Subscription = Omit<
  Stripe.Subscription,
  'customer' | 'default_payment_method' | 'items' | 'latest_invoice' | 'pending_update'
> & {
  customer: string;
  default_payment_method: string | null;
  items: List<SubscriptionItem>;
  latest_invoice: string | null;
  pending_update: null;
};

type LinePricing = Omit<Stripe.InvoiceLineItem.Pricing, 'unit_amount_decimal'> & {
  unit_amount_decimal: string | null;
};

export type InvoiceLine = Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> & {
  pricing: LinePricing;
  quantity_decimal: string;
};

export type Invoice = Omit<Stripe.Invoice, 'customer' | 'lines' | 'payments'> & {
  customer: string;
  lines: List<InvoiceLine>;
};

/** A part of an invoice before it stands on one: what is paid for which time. */
export interface LineDraft {
  /** In minor units, below zero for what comes back. */
  amount: number;
  description: string;
  period: { start: number; end: number };
  price: Price;
  proration: boolean;
  quantity: number;
  subscription_item: string;
}

/** What the control API wants of the next payments of a subscription, whatever its card. */
export const forcedShape = z.strictObject({
  behaviour: z.enum(['pays', 'declines', 'wants_authentication']),
  times: z.int().min(1).max(1000).default(1),
});

const isDraft = (value: unknown): boolean =>
  z.looseObject({ amount: z.int(), subscription_item: z.string() }).safeParse(value).success;

function isObject(value: unknown, object: string): boolean {
  return z.looseObject({ id: z.string(), object: z.literal(object) }).safeParse(value).success;
}

/** A subscription with what its plain object does not show. */
export const subscriptionRecordShape = z.strictObject({
  subscription: z.custom<Subscription>((value) => isObject(value, 'subscription')),
  /** What a change has made and the next invoice will carry. */
  pending: z.array(z.custom<LineDraft>(isDraft)),
  /** What was billed for the whole current period, by item: a change gives back of this. */
  billed: z.record(z.string(), z.int()),
  trial_end_told: z.boolean(),
  forced: forcedShape.nullable(),
});
export type SubscriptionRecord = z.output<typeof subscriptionRecordShape>;

export const invoiceShape = z.custom<Invoice>((value) => isObject(value, 'invoice'));
export const invoicePaymentShape = z.custom<Stripe.InvoicePayment>((value) =>
  isObject(value, 'invoice_payment'),
);
export const portalSessionShape = z.custom<Stripe.BillingPortal.Session>((value) =>
  isObject(value, 'billing_portal.session'),
);

/** What a Checkout session says of the subscription that it will make. */
export const subscriptionDataShape = z.strictObject({
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  trial_end: z.int().nullable(),
  trial_period_days: z.int().nullable(),
  missing_payment_method: z.enum(['cancel', 'create_invoice']),
});
export type SubscriptionData = z.output<typeof subscriptionDataShape>;
