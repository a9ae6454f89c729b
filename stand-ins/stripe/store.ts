import * as fs from 'node:fs';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { StandInStartError } from './errors.ts';
import {
  DEFAULT_SETTINGS,
  stateFileShape,
  type Checkout,
  type Delivery,
  type Price,
  type SavedAnswer,
  type Settings,
  type StripeEvent,
} from './state.ts';
import type { Invoice, SubscriptionRecord } from './subscriptions/objects.ts';

/** Stripe keeps the answer to an idempotency key for at least a day. */
const ANSWER_TTL_SECONDS = 24 * 3600;

/**
 * All objects, by id, in the order in which they were made. `save` writes them to the state file,
 * if there is one, before the answer that tells of them is sent.
 */
export class Store {
  readonly customers = new Map<string, Stripe.Customer>();
  readonly deleted_customers = new Set<string>();
  readonly tax_ids = new Map<string, Stripe.TaxId>();
  readonly checkouts = new Map<string, Checkout>();
  readonly intents = new Map<string, Stripe.PaymentIntent>();
  readonly charges = new Map<string, Stripe.Charge>();
  readonly payment_methods = new Map<string, Stripe.PaymentMethod>();
  readonly setup_intents = new Map<string, Stripe.SetupIntent>();
  readonly refunds = new Map<string, Stripe.Refund>();
  readonly disputes = new Map<string, Stripe.Dispute>();
  readonly products = new Map<string, Stripe.Product>();
  readonly prices = new Map<string, Price>();
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  readonly invoices = new Map<string, Invoice>();
  readonly invoice_payments = new Map<string, Stripe.InvoicePayment>();
  readonly portal_sessions = new Map<string, Stripe.BillingPortal.Session>();
  readonly events = new Map<string, StripeEvent>();
  /** By the id of their event. */
  readonly deliveries = new Map<string, Delivery[]>();
  readonly answers = new Map<string, SavedAnswer>();
  settings: Settings = DEFAULT_SETTINGS;
  readonly clock: Clock = { offset_seconds: 0, standing_at: null };
  readonly #file: string | undefined;
  readonly #origin: string;

  /**
   * Reads the state file, if it is there. Addresses in it that led to this server's last origin
   * (scheme, host and port) lead to `origin` from then on, because the port may be another one.
   * Throws a StandInStartError when the file cannot be read as such a state.
   */
  constructor(file: string | undefined, origin: string) {
    this.#file = file;
    this.#origin = origin;
    if (file !== undefined && fs.existsSync(file)) this.#load(file);
  }

  /** Writes the state file as one atomic step; does nothing when there is none. */
  save(): void {
    if (this.#file === undefined) return;
    const partial = `${this.#file}.partial`;
    const descriptor = fs.openSync(partial, 'w', 0o600);
    try {
      fs.writeFileSync(descriptor, this.#serialized());
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(partial, this.#file);
  }

  #serialized(): string {
    const oldest = Math.floor(Date.now() / 1000) - ANSWER_TTL_SECONDS;
    const content: z.input<typeof stateFileShape> = {
      version: 1,
      origin: this.#origin,
      settings: this.settings,
      clock_offset_seconds: this.clock.offset_seconds,
      customers: [...this.customers.values()],
      deleted_customers: [...this.deleted_customers],
      tax_ids: [...this.tax_ids.values()],
      checkouts: [...this.checkouts.values()],
      intents: [...this.intents.values()],
      charges: [...this.charges.values()],
      payment_methods: [...this.payment_methods.values()],
      setup_intents: [...this.setup_intents.values()],
      refunds: [...this.refunds.values()],
      disputes: [...this.disputes.values()],
      products: [...this.products.values()],
      prices: [...this.prices.values()],
      subscriptions: [...this.subscriptions.values()],
      invoices: [...this.invoices.values()],
      invoice_payments: [...this.invoice_payments.values()],
      portal_sessions: [...this.portal_sessions.values()],
      events: [...this.events.values()],
      deliveries: [...this.deliveries.values()].flat(),
      answers: [...this.answers.values()].filter((answer) => answer.created >= oldest),
    };
    return JSON.stringify(content);
  }

  #load(file: string): void {
    const state = readState(file, this.#origin);
    this.settings = state.settings;
    this.clock.offset_seconds = state.clock_offset_seconds;
    fill(this.customers, state.customers);
    for (const id of state.deleted_customers) this.deleted_customers.add(id);
    fill(this.tax_ids, state.tax_ids);
    for (const checkout of state.checkouts) this.checkouts.set(checkout.session.id, checkout);
    fill(this.intents, state.intents);
    fill(this.charges, state.charges);
    fill(this.payment_methods, state.payment_methods);
    fill(this.setup_intents, state.setup_intents);
    fill(this.refunds, state.refunds);
    fill(this.disputes, state.disputes);
    fill(this.products, state.products);
    fill(this.prices, state.prices);
    for (const one of state.subscriptions) this.subscriptions.set(one.subscription.id, one);
    fill(this.invoices, state.invoices);
    fill(this.invoice_payments, state.invoice_payments);
    fill(this.portal_sessions, state.portal_sessions);
    fill(this.events, state.events);
    for (const delivery of state.deliveries) {
      this.deliveries.set(delivery.event_id, [
        ...(this.deliveries.get(delivery.event_id) ?? []),
        delivery,
      ]);
    }
    for (const answer of state.answers) this.answers.set(answer.key, answer);
  }
}

function fill<T extends { id: string }>(map: Map<string, T>, objects: readonly T[]): void {
  for (const object of objects) map.set(object.id, object);
}

function readState(file: string, origin: string): z.output<typeof stateFileShape> {
  try {
    const content = fs.readFileSync(file, 'utf8');
    const last = z.looseObject({ origin: z.string() }).parse(JSON.parse(content)).origin;
    const moved = content.replaceAll(`${last}/`, `${origin}/`);
    return stateFileShape.parse(JSON.parse(moved));
  } catch (error) {
    throw new StandInStartError(
      `The state file ${file} cannot be read as the state of this server. Move it away to start with an empty one.`,
      { cause: error },
    );
  }
}
