import type Stripe from 'stripe';
import { chargeIntent, refuseMoney, takeMoney, type CardAnswer } from './charging.ts';
import type { Context } from './context.ts';
import { StripeError } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { idOf } from './identifiers.ts';
import { attachMethod, findMethod } from './payment-methods.ts';
import { cardOf } from './test-cards.ts';

const NEEDS_RETURN_URL =
  "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";

export interface Confirmation {
  error_on_requires_action?: boolean | undefined;
  off_session?: boolean | undefined;
  return_url?: string | undefined;
}

/**
 * Charges a PaymentIntent's card. A card that wants its owner waits for them at a page of this
 * server, unless the payment is off-session. Throws the 402 StripeError of a card that refuses.
 */
export function confirmIntent(
  context: Context,
  intent: Stripe.PaymentIntent,
  { error_on_requires_action = false, off_session = false, return_url }: Confirmation,
  news: EventNews,
): Stripe.PaymentIntent {
  const payment_method = methodToCharge(context, intent);
  const waits = cardOf(payment_method).later === 'wants_authentication' && !off_session;
  if (waits && !error_on_requires_action) {
    intent.next_action = nextAction(context, intent, return_url);
    intent.status = 'requires_action';
    emitEvent(context, { type: 'payment_intent.requires_action', object: intent, ...news });
    return intent;
  }
  const answer = chargeIntent(context, intent, { payment_method }, news);
  if (answer.outcome !== 'paid') throw cardError(answer);
  keepCard(context, intent, payment_method, news);
  return intent;
}

/** Refuses what Stripe refuses before it tries a card. Throws a StripeError. */
export function checkConfirmation(
  intent: Stripe.PaymentIntent,
  { off_session = false, return_url }: Confirmation,
): void {
  const { automatic_payment_methods: automatic } = intent;
  const redirects = automatic?.enabled === true && automatic.allow_redirects !== 'never';
  if (intent.payment_method === null) throw missingMethod(intent);
  if (off_session || !redirects || return_url !== undefined) return;
  throw new StripeError({ status: 400, param: 'return_url', message: NEEDS_RETURN_URL });
}

/** The owner of the card has agreed, or has not. The caller saves. */
export function authenticateIntent(
  context: Context,
  intent: Stripe.PaymentIntent,
  { succeeds, ...news }: EventNews & { succeeds: boolean },
): void {
  if (intent.status !== 'requires_action') {
    throw new StripeError({
      status: 400,
      message: 'This PaymentIntent does not wait for the owner of the card.',
    });
  }
  const payment_method = methodToCharge(context, intent);
  if (succeeds) {
    takeMoney(context, intent, { payment_method, authenticated: true }, news);
    keepCard(context, intent, payment_method, news);
  } else {
    refuseMoney(context, intent, { payment_method, result: 'not_authenticated' }, news);
  }
}

/** The error in which Stripe tells that a card refused; the PaymentIntent is inside. */
export function cardError({ intent, charge }: CardAnswer): StripeError {
  const error = intent.last_payment_error;
  return new StripeError({
    status: 402,
    type: 'card_error',
    code: error?.code ?? 'card_declined',
    message: error?.message ?? '',
    more: {
      ...(error?.advice_code !== undefined && { advice_code: error.advice_code }),
      charge: charge.id,
      decline_code: error?.decline_code,
      payment_intent: intent,
      payment_method: error?.payment_method,
    },
  });
}

function methodToCharge(context: Context, intent: Stripe.PaymentIntent): Stripe.PaymentMethod {
  return findMethod(context, idOf(intent.payment_method), 'payment_method');
}

function missingMethod(intent: Stripe.PaymentIntent): StripeError {
  return new StripeError({
    status: 400,
    code: 'payment_intent_unexpected_state',
    message:
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    more: { payment_intent: intent },
  });
}

function nextAction(
  context: Context,
  intent: Stripe.PaymentIntent,
  return_url: string | undefined,
): Stripe.PaymentIntent.NextAction {
  const url = `${context.origin}/authenticate/${intent.id}`;
  return return_url === undefined
    ? { type: 'use_stripe_sdk', use_stripe_sdk: { stripe_js: url } }
    : { type: 'redirect_to_url', redirect_to_url: { return_url, url } };
}

function keepCard(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  news: EventNews,
): void {
  const customer = idOf(intent.customer);
  if (intent.setup_future_usage === null || customer === '') return;
  attachMethod(context, method, customer, news);
}
