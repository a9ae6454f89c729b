import type Stripe from 'stripe';
import { makeCharge } from './charge-objects.ts';
import type { Context } from './context.ts';
import { declineError, type Refusal } from './declines.ts';
import { emitEvent, type EventNews } from './events.ts';
import { makeIntent, type NewIntent } from './intent-objects.ts';
import { cardOf, type CardBehaviour } from './test-cards.ts';

/** What came of charging a card; why it was refused also stands in `intent.last_payment_error`. */
export interface CardAnswer {
  outcome: 'paid' | 'declined' | 'authentication_required';
  intent: Stripe.PaymentIntent;
  charge: Stripe.Charge;
}

/** A payment that is to be taken from a saved card. */
export interface SavedCardOrder extends NewIntent {
  payment_method: Stripe.PaymentMethod;
  /** In place of what the card would do by itself. */
  behaviour?: CardBehaviour | undefined;
}

/**
 * Takes a payment from a saved card without its owner, or says why not; either way there is a
 * PaymentIntent, a charge and their events. The caller saves.
 */
export function chargeSavedCard(
  context: Context,
  { payment_method, behaviour, ...data }: SavedCardOrder,
  news: EventNews = {},
): CardAnswer {
  const intent = makeIntent(data);
  context.store.intents.set(intent.id, intent);
  emitEvent(context, { type: 'payment_intent.created', object: intent, ...news });
  return chargeIntent(context, intent, { payment_method, behaviour }, news);
}

/** Tries a PaymentIntent that is there already, once more. The caller saves. */
export function chargeIntent(
  context: Context,
  intent: Stripe.PaymentIntent,
  { payment_method, behaviour }: Pick<SavedCardOrder, 'payment_method' | 'behaviour'>,
  news: EventNews = {},
): CardAnswer {
  const result = behaviour ?? cardOf(payment_method).later;
  if (result === 'pays') {
    const charge = takeMoney(context, intent, { payment_method }, news);
    return { outcome: 'paid', intent, charge };
  }
  const charge = refuseMoney(context, intent, { payment_method, result }, news);
  const outcome = result === 'declines' ? 'declined' : 'authentication_required';
  return { outcome, intent, charge };
}

/** The charge succeeds, and the PaymentIntent with it. */
export function takeMoney(
  context: Context,
  intent: Stripe.PaymentIntent,
  {
    payment_method: method,
    authenticated = false,
  }: { payment_method: Stripe.PaymentMethod; authenticated?: boolean },
  news: EventNews = {},
): Stripe.Charge {
  const { origin, store } = context;
  const charge = makeCharge({ intent, method, result: 'pays', origin, authenticated });
  store.charges.set(charge.id, charge);
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.latest_charge = charge.id;
  intent.next_action = null;
  intent.payment_method = method.id;
  intent.status = 'succeeded';
  emitEvent(context, { type: 'charge.succeeded', object: charge, ...news });
  emitEvent(context, { type: 'payment_intent.succeeded', object: intent, ...news });
  return charge;
}

/** The charge fails; the PaymentIntent waits for another payment method. */
export function refuseMoney(
  context: Context,
  intent: Stripe.PaymentIntent,
  { payment_method: method, result }: { payment_method: Stripe.PaymentMethod; result: Refusal },
  news: EventNews = {},
): Stripe.Charge {
  const { origin, store } = context;
  const charge = makeCharge({ intent, method, result, origin, authenticated: false });
  store.charges.set(charge.id, charge);
  intent.latest_charge = charge.id;
  intent.next_action = null;
  intent.payment_method = null;
  intent.status = 'requires_payment_method';
  intent.last_payment_error = {
    ...declineError(result),
    charge: charge.id,
    payment_method: structuredClone(method),
  };
  emitEvent(context, { type: 'charge.failed', object: charge, ...news });
  emitEvent(context, { type: 'payment_intent.payment_failed', object: intent, ...news });
  return charge;
}
