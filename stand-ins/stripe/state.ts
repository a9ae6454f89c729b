import type Stripe from 'stripe';
import { z } from 'zod';
import {
  invoicePaymentShape,
  invoiceShape,
  portalSessionShape,
  subscriptionDataShape,
  subscriptionRecordShape,
} from './subscriptions/objects.ts';

/** The API version that this server speaks: the one which stripe 23.1.0 pins. */
export const API_VERSION = '2026-10-28.endive';

export type Session = Stripe.Checkout.Session;

/** On the wire a decimal is a string; the SDK makes a Decimal object of it. */
export type Price = Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string };

export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price };

/** The shape of every event, whatever object it carries. */
export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

const deliveryPlanShape = z.strictObject({
  /** How long to wait before the first try. */
  delay_ms: z.int().min(0).max(86_400_000),
  /** How many deliveries of the same event there are, all at once. */
  copies: z.int().min(1).max(100),
  /** Held events are sent only when the control API says so. */
  hold: z.boolean(),
});

/** How the webhook of an event comes. */
export type DeliveryPlan = z.output<typeof deliveryPlanShape>;
export const deliveryPlanChange = deliveryPlanShape.partial();
/** What it leaves out, the settings decide. */
export type DeliveryPlanChange = z.output<typeof deliveryPlanChange>;

export const settingsShape = deliveryPlanShape.extend({
  /** The tax added to sessions with `automatic_tax[enabled]`. */
  tax_percent: z.number().min(0).max(100),
  /** Whether new refunds stay pending until the control API settles them. */
  refunds_pending: z.boolean().optional(),
});
export type Settings = z.output<typeof settingsShape>;

export const DEFAULT_SETTINGS: Settings = { delay_ms: 0, copies: 1, hold: false, tax_percent: 0 };

const attemptShape = z.strictObject({
  at_ms: z.int(),
  mode: z.string(),
  /** The HTTP status answered, or null when there was no answer. */
  status: z.int().nullable(),
  error: z.string().nullable(),
});
export type Attempt = z.output<typeof attemptShape>;

const deliveryShape = z.strictObject({
  id: z.string(),
  event_id: z.string(),
  state: z.enum(['held', 'pending', 'delivered', 'given_up']),
  /** In real time, while the event is dated by this server's clock. Older files have none. */
  planned_at_ms: z.int().optional(),
  /** When the next try is due; null when there is none. */
  due_at_ms: z.int().nullable(),
  attempts: z.array(attemptShape),
});
export type Delivery = z.output<typeof deliveryShape>;

const savedAnswerShape = z.strictObject({
  key: z.string(),
  path: z.string(),
  parameters: z.string(),
  request_id: z.string(),
  status: z.int(),
  body: z.string(),
  created: z.int(),
});
export type SavedAnswer = z.output<typeof savedAnswerShape>;

function isObject(value: unknown, object: string): boolean {
  return z.looseObject({ id: z.string(), object: z.literal(object) }).safeParse(value).success;
}

/** What a session says of the payment that it makes. */
const intentDataShape = z.strictObject({
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  receipt_email: z.string().nullable(),
  setup_future_usage: z.enum(['off_session', 'on_session']).nullable(),
  statement_descriptor: z.string().nullable(),
  statement_descriptor_suffix: z.string().nullable(),
  transfer_group: z.string().nullable(),
});
export type IntentData = z.output<typeof intentDataShape>;

/** A session with what its plain object does not show: its lines, and what its payment will say. */
const checkoutShape = z.strictObject({
  session: z.custom<Session>((value) => isObject(value, 'checkout.session')),
  items: z.array(z.custom<LineItem>((value) => isObject(value, 'item'))),
  products: z.array(z.custom<Stripe.Product>((value) => isObject(value, 'product'))),
  intent_data: intentDataShape,
  /** What the page may change of a customer that was there before. */
  customer_update: z
    .strictObject({ address: z.enum(['auto', 'never']), name: z.enum(['auto', 'never']) })
    .default({ address: 'never', name: 'never' }),
  /** Of a session in subscription mode. */
  subscription_data: subscriptionDataShape.nullable().default(null),
  /** The PaymentIntent of a subscription's first invoice, once somebody has tried to pay. */
  first_intent: z.string().nullable().default(null),
});
export type Checkout = z.output<typeof checkoutShape>;

/**
 * The file is written by this server alone, so objects of Stripe's are told by their `object`
 * field and not examined further. What a file of an earlier version lacks begins empty.
 */
export const stateFileShape = z.strictObject({
  version: z.literal(1),
  origin: z.string(),
  settings: settingsShape,
  clock_offset_seconds: z.int().min(0).default(0),
  customers: z.array(z.custom<Stripe.Customer>((value) => isObject(value, 'customer'))),
  /** Ids of customers that were deleted. */
  deleted_customers: z.array(z.string()).default([]),
  tax_ids: z.array(z.custom<Stripe.TaxId>((value) => isObject(value, 'tax_id'))).default([]),
  checkouts: z.array(checkoutShape),
  intents: z.array(z.custom<Stripe.PaymentIntent>((value) => isObject(value, 'payment_intent'))),
  charges: z.array(z.custom<Stripe.Charge>((value) => isObject(value, 'charge'))),
  payment_methods: z
    .array(z.custom<Stripe.PaymentMethod>((value) => isObject(value, 'payment_method')))
    .default([]),
  setup_intents: z
    .array(z.custom<Stripe.SetupIntent>((value) => isObject(value, 'setup_intent')))
    .default([]),
  refunds: z.array(z.custom<Stripe.Refund>((value) => isObject(value, 'refund'))).default([]),
  disputes: z.array(z.custom<Stripe.Dispute>((value) => isObject(value, 'dispute'))).default([]),
  products: z.array(z.custom<Stripe.Product>((value) => isObject(value, 'product'))).default([]),
  prices: z.array(z.custom<Price>((value) => isObject(value, 'price'))).default([]),
  subscriptions: z.array(subscriptionRecordShape).default([]),
  invoices: z.array(invoiceShape).default([]),
  invoice_payments: z.array(invoicePaymentShape).default([]),
  portal_sessions: z.array(portalSessionShape).default([]),
  events: z.array(z.custom<StripeEvent>((value) => isObject(value, 'event'))),
  deliveries: z.array(deliveryShape),
  answers: z.array(savedAnswerShape),
});
