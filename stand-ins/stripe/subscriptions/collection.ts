import type Stripe from 'stripe';
import { chargeIntent, chargeSavedCard } from '../charging.ts';
import { nowSeconds, type Context } from '../context.ts';
import { emitEvent, type EventNews } from '../events.ts';
import { idOf } from '../identifiers.ts';
import { makeIntent } from '../intent-objects.ts';
import { cardOf, type CardBehaviour } from '../test-cards.ts';
import { addPayment, finalizeInvoice, intentOfInvoice, markPaid } from './invoices.ts';
import type { Invoice, SubscriptionRecord } from './objects.ts';
import { changeSubscription } from './subscriptions.ts';

/** After a payment that failed it is tried again so many days later, and then no more. */
const RETRY_DAYS = [3, 5, 7];
const DAY_SECONDS = 24 * 3600;

export type Outcome = 'paid' | 'declined' | 'authentication_required' | 'no_card';

/** How an invoice is paid. */
export interface Collection {
  /** In place of the subscription's card, or the customer's. */
  method?: Stripe.PaymentMethod | undefined;
  /** In place of what the card would do by itself. */
  behaviour?: CardBehaviour | undefined;
  /** By the schedule, and not because somebody asked. */
  automatic: boolean;
}

/** Finalizes a draft and takes what is due; a subscription whose payment fails is past due. */
export function finalizeAndCollect(
  context: Context,
  record: SubscriptionRecord,
  invoice: Invoice,
  event: EventNews,
): Outcome {
  finalizeInvoice(context, invoice, event);
  return collect(context, record, invoice, { automatic: true }, event);
}

/** Tries to take what an open invoice comes to, and says what came of it. */
export function collect(
  context: Context,
  record: SubscriptionRecord,
  invoice: Invoice,
  collection: Collection,
  event: EventNews,
): Outcome {
  if (invoice.amount_due === 0) {
    settle(context, record, invoice, null, event);
    return 'paid';
  }
  // Tries that somebody asks for are not counted beyond the first, nor planned again.
  const planned = collection.automatic || invoice.attempt_count === 0;
  if (planned) invoice.attempt_count += 1;
  const method = collection.method ?? methodOf(context, record);
  const forced = collection.behaviour ?? takeForced(record);
  if (method === undefined) {
    intentFor(context, invoice, event);
    fail(context, record, invoice, { outcome: 'no_card', planned }, event);
    return 'no_card';
  }
  const { outcome, intent } = charge(context, invoice, method, forced, event);
  if (outcome === 'paid') settle(context, record, invoice, intent, event);
  else fail(context, record, invoice, { outcome, planned }, event);
  return outcome;
}

/** The invoice is paid: what was past due, or waited for it, is active. */
export function settle(
  context: Context,
  record: SubscriptionRecord,
  invoice: Invoice,
  intent: Stripe.PaymentIntent | null,
  event: EventNews,
): void {
  if (invoice.attempt_count === 0) invoice.attempt_count = 1;
  markPaid(context, invoice, intent, event);
  if (record.subscription.latest_invoice !== invoice.id) return;
  if (!['incomplete', 'past_due'].includes(record.subscription.status)) return;
  changeSubscription(context, record, (subscription) => (subscription.status = 'active'), event);
}

/** The PaymentIntent of an invoice, made at the first try to pay it. */
export function intentFor(
  context: Context,
  invoice: Invoice,
  event: EventNews,
): Stripe.PaymentIntent {
  const known = intentOfInvoice(context, invoice);
  if (known !== undefined) return known;
  const intent = makeIntent(intentData(invoice));
  context.store.intents.set(intent.id, intent);
  emitEvent(context, { type: 'payment_intent.created', object: intent, ...event });
  addPayment(context, invoice, intent);
  return intent;
}

/** The card that pays, and what it does: the subscription's own, or else the customer's. */
export function payingCard(
  context: Context,
  record: SubscriptionRecord,
): { payment_method: Stripe.PaymentMethod; later: CardBehaviour } | undefined {
  const payment_method = methodOf(context, record);
  return payment_method && { payment_method, later: cardOf(payment_method).later };
}

function methodOf(
  context: Context,
  { subscription }: SubscriptionRecord,
): Stripe.PaymentMethod | undefined {
  const customer = context.store.customers.get(subscription.customer);
  const ids = [
    subscription.default_payment_method,
    idOf(customer?.invoice_settings.default_payment_method),
  ];
  return ids
    .map((id) => context.store.payment_methods.get(id ?? ''))
    .find((method) => method?.customer === subscription.customer);
}

function charge(
  context: Context,
  invoice: Invoice,
  payment_method: Stripe.PaymentMethod,
  behaviour: CardBehaviour | undefined,
  event: EventNews,
): { outcome: Exclude<Outcome, 'no_card'>; intent: Stripe.PaymentIntent } {
  const known = intentOfInvoice(context, invoice);
  if (known !== undefined) {
    return chargeIntent(context, known, { payment_method, behaviour }, event);
  }
  const order = { ...intentData(invoice), payment_method, behaviour };
  const answer = chargeSavedCard(context, order, event);
  addPayment(context, invoice, answer.intent);
  return answer;
}

function intentData(invoice: Invoice) {
  const first = invoice.billing_reason === 'subscription_create';
  return {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    description: first ? 'Subscription creation' : 'Subscription update',
  };
}

function fail(
  context: Context,
  record: SubscriptionRecord,
  invoice: Invoice,
  { outcome, planned }: { outcome: Exclude<Outcome, 'paid'>; planned: boolean },
  event: EventNews,
): void {
  invoice.attempted = true;
  if (planned) {
    const days = RETRY_DAYS[invoice.attempt_count - 1];
    const retried = days !== undefined && record.subscription.status !== 'canceled';
    invoice.next_payment_attempt = retried ? nowSeconds() + days * DAY_SECONDS : null;
    invoice.auto_advance = retried;
  }
  emitEvent(context, { type: 'invoice.payment_failed', object: invoice, ...event });
  if (outcome === 'authentication_required') {
    emitEvent(context, { type: 'invoice.payment_action_required', object: invoice, ...event });
  }
  if (record.subscription.status === 'canceled') return;
  if (record.subscription.latest_invoice !== invoice.id) return;
  changeSubscription(context, record, (subscription) => (subscription.status = 'past_due'), event);
}

/** What the control API wants of this payment, counted down. */
export function takeForced(record: SubscriptionRecord): CardBehaviour | undefined {
  const { forced } = record;
  if (forced === null) return undefined;
  forced.times -= 1;
  if (forced.times <= 0) record.forced = null;
  return forced.behaviour;
}
