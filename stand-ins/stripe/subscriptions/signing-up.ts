import type Stripe from 'stripe';
import { takeMoney } from '../charging.ts';
import { nowSeconds, type Context } from '../context.ts';
import type { EventNews } from '../events.ts';
import { emitEvent } from '../events.ts';
import { idOf } from '../identifiers.ts';
import { attachMethod } from '../payment-methods.ts';
import type { Checkout } from '../state.ts';
import { cardOf } from '../test-cards.ts';
import { settle } from './collection.ts';
import { addPayment, createInvoice, finalizeInvoice } from './invoices.ts';
import { amountOf, fullLine } from './lines.ts';
import type { Invoice, SubscriptionRecord } from './objects.ts';
import { periodEnd } from './periods.ts';
import { makeSubscription } from './subscription-object.ts';
import { changeSubscription, nameOf } from './subscriptions.ts';

const DAY_SECONDS = 24 * 3600;

/** Who pays a session's subscription. */
export interface SignUp {
  method: Stripe.PaymentMethod | undefined;
  /** The session's PaymentIntent, made when something is due now. */
  intentOf: () => Stripe.PaymentIntent;
}

/**
 * Makes the subscription of a session that was finished, with its first invoice, which is paid by
 * the card given; in a trial nothing is due yet. The caller saves.
 */
export function signUp(
  context: Context,
  checkout: Checkout,
  { method, intentOf }: SignUp,
  event: EventNews,
): void {
  const { session } = checkout;
  const customer = idOf(session.customer);
  if (method !== undefined) attachMethod(context, method, customer, event);
  const { record, drafts } = makeRecord(context, checkout);
  const { subscription } = record;
  context.store.subscriptions.set(subscription.id, record);
  const now = nowSeconds();
  const order = {
    subscription,
    reason: 'subscription_create' as const,
    drafts,
    period: { start: now, end: now },
  };
  const invoice = createInvoice(context, order, event);
  subscription.latest_invoice = invoice.id;
  emitEvent(context, { type: 'customer.subscription.created', object: subscription, ...event });
  finalizeInvoice(context, invoice, event);
  pay(context, record, invoice, { method, intentOf }, event);
  session.subscription = subscription.id;
  session.invoice = invoice.id;
  session.payment_status = invoice.amount_due === 0 ? 'no_payment_required' : 'paid';
}

/** When the trial that a session offers would end, or null without one. */
export function trialEnd({ subscription_data: data }: Checkout, now: number): number | null {
  if (data === null) return null;
  const { trial_end, trial_period_days: days } = data;
  return trial_end ?? (days === null ? null : now + days * DAY_SECONDS);
}

function makeRecord(context: Context, checkout: Checkout) {
  const { items, session, subscription_data: data } = checkout;
  const start = nowSeconds();
  const trial = trialEnd(checkout, start);
  const rhythm = items[0]?.price.recurring;
  if (!rhythm) throw new Error(`${session.id} has no recurring price`);
  const period = { start, end: trial ?? periodEnd(start, rhythm, start) };
  const subscription = makeSubscription({
    automatic_tax: session.automatic_tax.enabled,
    customer: idOf(session.customer),
    currency: session.currency ?? 'usd',
    default_payment_method: null,
    description: data?.description ?? null,
    items: items.map(({ price, quantity, metadata }) => ({
      price,
      quantity: quantity ?? 1,
      metadata: metadata ?? {},
    })),
    metadata: data?.metadata ?? {},
    missing_payment_method: data?.missing_payment_method ?? 'create_invoice',
    period,
    trial: trial !== null,
  });
  const drafts = subscription.items.data.map((item) =>
    fullLine(item, nameOf(context, item), period, trial !== null),
  );
  const billed = subscription.items.data.map(
    (item) => [item.id, trial === null ? amountOf(item) : 0] as const,
  );
  const record: SubscriptionRecord = {
    subscription,
    pending: [],
    billed: Object.fromEntries(billed),
    trial_end_told: false,
    forced: null,
  };
  return { record, drafts };
}

/** The owner is there, so the card is not declined for want of them. */
function pay(
  context: Context,
  record: SubscriptionRecord,
  invoice: Invoice,
  { method, intentOf }: SignUp,
  event: EventNews,
): void {
  const intent = invoice.amount_due === 0 ? null : intentOf();
  if (method !== undefined && intent !== null) {
    // What the customer had is used up first.
    intent.amount = invoice.amount_due;
    const authenticated = cardOf(method).later === 'wants_authentication';
    addPayment(context, invoice, intent);
    takeMoney(context, intent, { payment_method: method, authenticated }, event);
  }
  changeSubscription(
    context,
    record,
    (subscription) => {
      if (method !== undefined) subscription.default_payment_method = method.id;
      if (subscription.status === 'incomplete') subscription.status = 'active';
    },
    event,
  );
  settle(context, record, invoice, intent, event);
}
