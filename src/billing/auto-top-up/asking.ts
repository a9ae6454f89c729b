import Stripe from 'stripe';
import { z } from 'zod';
import { type WorkingProvider, isStripesOwnError } from '../provider.ts';
import { PaymentIntent } from '../stripe-objects.ts';
import type { Claimed } from './charges.ts';

/** What is known of a charge after Stripe was asked for it. */
export type Answer =
  | { outcome: 'succeeded'; intent: PaymentIntent }
  | { outcome: 'declined'; code: string }
  /** The bank wants the owner of the card to confirm it. */
  | { outcome: 'wants_owner' }
  /** Stripe knows the card no more, or not even the customer. */
  | { outcome: 'card_gone'; customer: boolean }
  /** Stripe understood and said no: asking again would say the same. */
  | { outcome: 'refused'; error: Error }
  /** It was not charged, and nobody wants it charged any more. */
  | { outcome: 'not_charged' }
  /** No answer, or one that tells nothing: it has to be asked again. */
  | { outcome: 'unknown'; isStripesOwn: boolean; error: unknown };

/** Stripe's clock is not ours. */
const CLOCKS_APART_SECONDS = 3_600;

/**
 * Asks for one charge of a saved card while its owner is away. From the second time on it looks first
 * whether the charge was made: Stripe may have done it and lost the answer, keep an error of its own
 * under the key, or have forgotten the key after a day.
 */
export async function askForCharge(provider: WorkingProvider, claimed: Claimed): Promise<Answer> {
  try {
    const { customer_id } = claimed;
    if (customer_id === null) return { outcome: 'card_gone', customer: false };
    const made = claimed.tries > 1 ? await findMade(provider, claimed, customer_id) : undefined;
    if (made !== undefined) return answerOf(made);
    if (!claimed.wanted) return { outcome: 'not_charged' };
    return answerOf(await make(provider, claimed, customer_id));
  } catch (error) {
    return whyNot(error);
  }
}

async function findMade(
  { stripe }: WorkingProvider,
  { payment }: Claimed,
  customer: string,
): Promise<PaymentIntent | undefined> {
  const from = Math.floor(payment.created_at.getTime() / 1_000) - CLOCKS_APART_SECONDS;
  const list = stripe.paymentIntents.list({ customer, created: { gte: from }, limit: 100 });
  for await (const one of list) {
    const intent = PaymentIntent.parse(one);
    if (intent.metadata.scrip_payment === payment.id) return intent;
  }
  return undefined;
}

async function make(
  { stripe }: WorkingProvider,
  { payment, payment_method_id: payment_method }: Claimed,
  customer: string,
): Promise<PaymentIntent> {
  const { id, sold } = payment;
  const intent = await stripe.paymentIntents.create(
    {
      amount: Number(payment.total_minor),
      currency: payment.currency.toLowerCase(),
      ...{ customer, payment_method, confirm: true, off_session: true },
      allowed_payment_method_types: ['card'],
      description: sold.name,
      metadata: {
        scrip_payment: id,
        scrip_wallet: payment.wallet_id,
        scrip_package: sold.package,
      },
    },
    { idempotencyKey: `top-up:${id}:${payment.checkout_tries}` },
  );
  // The library takes some error answers for success, so what came is looked at.
  return MadeIntent.parse(intent);
}

const MadeIntent = PaymentIntent.extend({ object: z.literal('payment_intent') });

function answerOf(intent: PaymentIntent): Answer {
  switch (intent.status) {
    case 'succeeded':
      return { outcome: 'succeeded', intent };
    case 'processing':
      return { outcome: 'unknown', isStripesOwn: false, error: new Error('it is in progress') };
    case 'requires_action':
    case 'requires_confirmation':
      return { outcome: 'wants_owner' };
    default:
      return declined(intent.last_payment_error ?? undefined);
  }
}

function whyNot(error: unknown): Answer {
  if (error instanceof Stripe.errors.StripeCardError) return declined(error);
  if (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode !== 409) {
    const customer = error.param === 'customer';
    if (customer || error.param === 'payment_method') return { outcome: 'card_gone', customer };
    return { outcome: 'refused', error };
  }
  return { outcome: 'unknown', isStripesOwn: isStripesOwnError(error), error };
}

function declined(
  error: { code?: string | null | undefined; decline_code?: string | null | undefined } = {},
): Answer {
  const codes = [error.code, error.decline_code];
  if (codes.includes('authentication_required')) return { outcome: 'wants_owner' };
  return { outcome: 'declined', code: error.decline_code ?? error.code ?? 'declined' };
}
