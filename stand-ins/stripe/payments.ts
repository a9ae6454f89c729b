import type Stripe from 'stripe';
import { findCheckout } from './checkout-sessions.ts';
import type { Context } from './context.ts';
import { createCustomer } from './customers.ts';
import { missingResource, StripeError } from './errors.ts';
import { emitEvent } from './events.ts';
import { DECLINE_MESSAGE, makeCharge, makeIntent } from './intent-objects.ts';
import { totalsOf, withTax } from './line-items.ts';
import { detailsOf } from './session-object.ts';
import type { Checkout, DeliveryPlanChange, LineItem } from './state.ts';

/** Whom Checkout would have asked for an address: a session may come without one. */
const BUYER_EMAIL = 'buyer@example.com';

/** A PaymentIntent by its id; throws a 404 StripeError. */
export function findIntent(context: Context, id: string): Stripe.PaymentIntent {
  const intent = context.store.intents.get(id);
  if (intent === undefined) throw missingResource('payment_intent', id);
  return intent;
}

/** A charge by its id; throws a 404 StripeError. */
export function findCharge(context: Context, id: string): Stripe.Charge {
  const charge = context.store.charges.get(id);
  if (charge === undefined) throw missingResource('charge', id);
  return charge;
}

/** The PaymentIntent of a session, once somebody has tried to pay. */
export function currentIntent(
  context: Context,
  { session }: Checkout,
): Stripe.PaymentIntent | undefined {
  const id = session.payment_intent;
  return typeof id === 'string' ? context.store.intents.get(id) : undefined;
}

/** The lines as they would be paid now: with tax, where the session asks for it. */
export function linesToPay(context: Context, { session, items }: Checkout): LineItem[] {
  const taxed = session.status === 'open' && session.automatic_tax.enabled;
  return taxed ? withTax(items, context.store.settings.tax_percent) : items;
}

/**
 * Pays an open session and saves. A session that is not open stays as it is, so that paying twice
 * pays once. Throws a 404 StripeError for an unknown one.
 */
export function paySession(context: Context, id: string, plan?: DeliveryPlanChange): Checkout {
  const checkout = findCheckout(context, id);
  if (checkout.session.status !== 'open') return checkout;
  const intent = completeSession(context, checkout);
  takeMoney(context, checkout, intent, plan);
  emitEvent(context, { type: 'checkout.session.completed', object: checkout.session, plan });
  context.store.save();
  return checkout;
}

/**
 * Completes an open session by a method whose money comes later, such as a bank debit: the session
 * is complete and unpaid until `settleSession`. Saves.
 */
export function payLater(context: Context, id: string, plan?: DeliveryPlanChange): Checkout {
  const checkout = findCheckout(context, id);
  if (checkout.session.status !== 'open') return checkout;
  const intent = completeSession(context, checkout);
  intent.status = 'processing';
  emitEvent(context, { type: 'payment_intent.processing', object: intent, plan });
  emitEvent(context, { type: 'checkout.session.completed', object: checkout.session, plan });
  context.store.save();
  return checkout;
}

/** Ends a payment that was to come later, well or badly, and saves. Throws a StripeError. */
export function settleSession(
  context: Context,
  id: string,
  { succeeds, plan }: { succeeds: boolean; plan?: DeliveryPlanChange | undefined },
): Checkout {
  const checkout = findCheckout(context, id);
  const intent = currentIntent(context, checkout);
  if (intent?.status !== 'processing') {
    throw new StripeError({ status: 400, message: 'No payment of this session is to come later.' });
  }
  if (succeeds) takeMoney(context, checkout, intent, plan);
  else failIntent(context, checkout, intent, plan);
  const type = `checkout.session.async_payment_${succeeds ? 'succeeded' : 'failed'}`;
  emitEvent(context, { type, object: checkout.session, plan });
  context.store.save();
  return checkout;
}

/** Refuses the card of an open session, which stays open, and saves. */
export function declineSession(context: Context, id: string, plan?: DeliveryPlanChange): Checkout {
  const checkout = findCheckout(context, id);
  if (checkout.session.status !== 'open') return checkout;
  failIntent(context, checkout, intentOf(context, checkout), plan);
  context.store.save();
  return checkout;
}

/** The session's PaymentIntent, which Stripe makes at the first try to pay. */
function intentOf(context: Context, checkout: Checkout): Stripe.PaymentIntent {
  const { session } = checkout;
  const amount = totalsOf(linesToPay(context, checkout)).amount_total;
  const intent = currentIntent(context, checkout) ?? makeIntent(checkout, amount);
  intent.amount = amount;
  session.payment_intent = intent.id;
  context.store.intents.set(intent.id, intent);
  return intent;
}

function completeSession(context: Context, checkout: Checkout): Stripe.PaymentIntent {
  const { session } = checkout;
  const intent = intentOf(context, checkout);
  checkout.items = linesToPay(context, checkout);
  const totals = totalsOf(checkout.items);
  session.amount_subtotal = totals.amount_subtotal;
  session.amount_total = totals.amount_total;
  session.total_details = {
    amount_discount: 0,
    amount_shipping: 0,
    amount_tax: totals.amount_tax,
  };
  if (session.automatic_tax.enabled) session.automatic_tax.status = 'complete';
  const email = session.customer_details?.email ?? BUYER_EMAIL;
  if (session.customer_creation === 'always') {
    session.customer = createCustomer(context, { email }).id;
    intent.customer = session.customer;
  }
  session.customer_details ??= detailsOf(email, null);
  session.status = 'complete';
  session.url = null;
  return intent;
}

function takeMoney(
  context: Context,
  checkout: Checkout,
  intent: Stripe.PaymentIntent,
  plan: DeliveryPlanChange | undefined,
): void {
  const receipt_url = `${context.origin}/c/pay/${checkout.session.id}`;
  const charge = makeCharge(intent, checkout, 'succeeded', receipt_url);
  context.store.charges.set(charge.id, charge);
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.latest_charge = charge.id;
  intent.payment_method = charge.payment_method;
  intent.status = 'succeeded';
  checkout.session.payment_status = 'paid';
  emitEvent(context, { type: 'charge.succeeded', object: charge, plan });
  emitEvent(context, { type: 'payment_intent.succeeded', object: intent, plan });
}

function failIntent(
  context: Context,
  checkout: Checkout,
  intent: Stripe.PaymentIntent,
  plan: DeliveryPlanChange | undefined,
): void {
  const charge = makeCharge(intent, checkout, 'failed', '');
  context.store.charges.set(charge.id, charge);
  intent.latest_charge = charge.id;
  intent.status = 'requires_payment_method';
  intent.last_payment_error = {
    advice_code: 'try_again_later',
    charge: charge.id,
    code: 'card_declined',
    decline_code: 'generic_decline',
    doc_url: 'https://docs.stripe.com/error-codes/card-declined',
    message: DECLINE_MESSAGE,
    type: 'card_error',
  };
  emitEvent(context, { type: 'charge.failed', object: charge, plan });
  emitEvent(context, { type: 'payment_intent.payment_failed', object: intent, plan });
}
