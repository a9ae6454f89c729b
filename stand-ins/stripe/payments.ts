import type Stripe from 'stripe';
import { takeBuyer, type Buyer } from './buyers.ts';
import { refuseMoney, takeMoney } from './charging.ts';
import { findCheckout } from './checkout-sessions.ts';
import type { Context } from './context.ts';
import { createCustomer } from './customers.ts';
import { parameterError, StripeError } from './errors.ts';
import { emitEvent } from './events.ts';
import { idOf } from './identifiers.ts';
import { makeIntent } from './intent-objects.ts';
import { totalsOf, withTax } from './line-items.ts';
import { attachMethod, createMethod, findMethod } from './payment-methods.ts';
import { detailsOf } from './session-object.ts';
import { createSetupIntent, failSetup, findSetupIntent, succeedSetup } from './setup-intents.ts';
import type { Checkout, DeliveryPlanChange, LineItem } from './state.ts';
import { signUp } from './subscriptions/signing-up.ts';
import { cardNamed, cardOf, type TestCard } from './test-cards.ts';

/** Whom Checkout would have asked for an address: a session may come without one. */
const BUYER_EMAIL = 'buyer@example.com';

/** The PaymentIntent of a session, once somebody has tried to pay. */
export function currentIntent(
  context: Context,
  { session, first_intent }: Checkout,
): Stripe.PaymentIntent | undefined {
  const id = idOf(session.payment_intent) || first_intent;
  return context.store.intents.get(id ?? '');
}

/** The lines as they would be paid now: with tax, where the session asks for it. */
export function linesToPay(context: Context, { session, items }: Checkout): LineItem[] {
  const taxed = session.status === 'open' && session.automatic_tax.enabled;
  return taxed ? withTax(items, context.store.settings.tax_percent) : items;
}

/** How somebody pays at a session's page. */
export interface Payment {
  buyer?: Buyer | undefined;
  card?: TestCard | undefined;
  plan?: DeliveryPlanChange | undefined;
}

/**
 * Pays an open session, or saves the card that it asks for, and saves the store. A session that is
 * not open stays as it is, so that paying twice pays once. Throws a 404 StripeError for an unknown
 * one.
 */
export function paySession(
  context: Context,
  id: string,
  { buyer, card = cardNamed(), plan }: Payment = {},
): Checkout {
  const checkout = findCheckout(context, id);
  if (checkout.session.status !== 'open') return checkout;
  if (card.never_pays && wantsCard(checkout)) return declineSession(context, id, { card, plan });
  completeSession(context, checkout, { buyer, plan });
  if (checkout.session.mode === 'subscription') {
    subscribe(context, checkout, { card, plan });
    context.store.save();
    return checkout;
  }
  const method = methodOf(context, checkout, card);
  if (checkout.session.mode === 'setup') {
    const setup = findSetupIntent(context, idOf(checkout.session.setup_intent));
    setup.customer = checkout.session.customer;
    if (typeof setup.customer === 'string') {
      attachMethod(context, method, setup.customer, { plan });
    }
    succeedSetup(context, setup, method, { plan });
  } else {
    const intent = intentOf(context, checkout);
    pay(context, checkout, { intent, method, plan });
  }
  emitEvent(context, { type: 'checkout.session.completed', object: checkout.session, plan });
  context.store.save();
  return checkout;
}

/**
 * Completes an open session by a method whose money comes later, such as a bank debit: the session
 * is complete and unpaid until `settleSession`. Saves.
 */
export function payLater(
  context: Context,
  id: string,
  { buyer, card = cardNamed(), plan }: Payment = {},
): Checkout {
  const checkout = findCheckout(context, id);
  if (checkout.session.status !== 'open') return checkout;
  if (checkout.session.mode !== 'payment') {
    throw parameterError('later', undefined, 'Only a session that is a payment is paid later.');
  }
  completeSession(context, checkout, { buyer, plan });
  const intent = intentOf(context, checkout);
  intent.payment_method = methodOf(context, checkout, card).id;
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
  const method = findMethod(context, idOf(intent.payment_method));
  if (succeeds) pay(context, checkout, { intent, method, plan });
  else refuseMoney(context, intent, { payment_method: method, result: 'declines' }, { plan });
  const type = `checkout.session.async_payment_${succeeds ? 'succeeded' : 'failed'}`;
  emitEvent(context, { type, object: checkout.session, plan });
  context.store.save();
  return checkout;
}

/** Refuses the card of an open session, which stays open, and saves. */
export function declineSession(
  context: Context,
  id: string,
  { card = cardNamed(), plan }: Payment = {},
): Checkout {
  const checkout = findCheckout(context, id);
  if (checkout.session.status !== 'open') return checkout;
  const method = methodOf(context, checkout, card);
  if (checkout.session.mode === 'setup') {
    const setup = findSetupIntent(context, idOf(checkout.session.setup_intent));
    failSetup(context, setup, method, { plan });
  } else if (checkout.session.amount_total === 0) {
    // Nothing is due, as in a trial: it is the keeping of the card that the bank refuses.
    const { customer, metadata } = checkout.session;
    const kept = { customer: idOf(customer) || null, description: null, metadata: metadata ?? {} };
    const setup = createSetupIntent(context, kept, { plan });
    checkout.session.setup_intent = setup.id;
    failSetup(context, setup, method, { plan });
  } else {
    const payment_method = method;
    const intent = intentOf(context, checkout);
    refuseMoney(context, intent, { payment_method, result: 'declines' }, { plan });
  }
  context.store.save();
  return checkout;
}

/** Whether the last try to finish the session was refused. */
export function isDeclined(context: Context, checkout: Checkout): boolean {
  const { setup_intent, status } = checkout.session;
  const setup = context.store.setup_intents.get(idOf(setup_intent));
  const error = currentIntent(context, checkout)?.last_payment_error ?? setup?.last_setup_error;
  return status === 'open' && error !== null && error !== undefined;
}

/** The session's PaymentIntent, which Stripe makes at the first try to pay. */
function intentOf(context: Context, checkout: Checkout): Stripe.PaymentIntent {
  const { session, intent_data } = checkout;
  const amount = totalsOf(linesToPay(context, checkout)).amount_total;
  const customer = typeof session.customer === 'string' ? session.customer : null;
  const currency = session.currency ?? 'usd';
  const intent =
    currentIntent(context, checkout) ?? makeIntent({ ...intent_data, amount, currency, customer });
  intent.amount = amount;
  intent.customer = customer;
  if (session.mode === 'subscription') checkout.first_intent = intent.id;
  else session.payment_intent = intent.id;
  context.store.intents.set(intent.id, intent);
  return intent;
}

/** What every mode does when its page is finished: totals, the customer, what is known of them. */
function completeSession(context: Context, checkout: Checkout, { buyer, plan }: Payment): void {
  const { session } = checkout;
  checkout.items = linesToPay(context, checkout);
  if (session.mode !== 'setup') {
    const totals = totalsOf(checkout.items);
    session.amount_subtotal = totals.amount_subtotal;
    session.amount_total = totals.amount_total;
    session.total_details = {
      amount_discount: 0,
      amount_shipping: 0,
      amount_tax: totals.amount_tax,
    };
  }
  if (session.automatic_tax.enabled) session.automatic_tax.status = 'complete';
  const email = session.customer_details?.email ?? BUYER_EMAIL;
  const made = session.customer === null && wantsCustomer(checkout);
  if (made) session.customer = createCustomer(context, { email }).id;
  session.customer_details ??= detailsOf(email, null);
  takeBuyer(context, checkout, { ...buyer, made }, { plan });
  session.status = 'complete';
  session.url = null;
}

/** A card that is kept is kept on a customer. */
function wantsCustomer({ session, intent_data }: Checkout): boolean {
  return session.customer_creation === 'always' || intent_data.setup_future_usage !== null;
}

/** A subscription of which nothing is due yet may come without a card, if its session says so. */
export function wantsCard({ session }: Checkout): boolean {
  return session.payment_method_collection === 'always' || session.amount_total !== 0;
}

/** The session becomes a subscription, with the card that was chosen. */
function subscribe(context: Context, checkout: Checkout, { card, plan }: Payment): void {
  const { session } = checkout;
  const method = wantsCard(checkout) ? methodOf(context, checkout, card ?? cardNamed()) : undefined;
  const order = { method, intentOf: () => intentOf(context, checkout) };
  signUp(context, checkout, order, { plan });
  emitEvent(context, { type: 'checkout.session.completed', object: session, plan });
}

/** The payment method that the buyer's card has become. */
function methodOf(context: Context, { session }: Checkout, card: TestCard): Stripe.PaymentMethod {
  const details = session.customer_details;
  return createMethod(context, card, {
    address: details?.address ?? null,
    email: details?.email ?? BUYER_EMAIL,
    name: details?.name ?? null,
    phone: details?.phone ?? null,
    tax_id: null,
  });
}

interface Paying {
  intent: Stripe.PaymentIntent;
  method: Stripe.PaymentMethod;
  plan: DeliveryPlanChange | undefined;
}

/** The money comes, and the card is kept where the session says so. */
function pay(context: Context, checkout: Checkout, { intent, method, plan }: Paying): void {
  const authenticated = cardOf(method).later === 'wants_authentication';
  takeMoney(context, intent, { payment_method: method, authenticated }, { plan });
  checkout.session.payment_status = 'paid';
  if (intent.setup_future_usage !== null && typeof intent.customer === 'string') {
    attachMethod(context, method, intent.customer, { plan });
  }
}
