import Stripe from 'stripe';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type CheckoutRequest, checkoutParameters } from './checkout/parameters.ts';
import { type Payment, countTry, keepSession } from './orders.ts';
import { type WorkingProvider, isStripesOwnError } from './provider.ts';
import { forgetCustomer, isCustomerGone, stripeCustomerOf } from './stripe-customers.ts';

export interface Purchase extends Omit<CheckoutRequest, 'customer'> {
  buyer: { name: string; email: string | undefined };
}

/**
 * Asks Stripe for a page on which the buyer pays, between two transactions. The idempotency key
 * comes from the payment's row: asked again after a crash or a time-out, Stripe answers with the
 * same page. Where the same key would only get the same refusal it is another one; the page that
 * Stripe may have made for the first is unknown to everybody and expires.
 * @returns the URL to send the buyer to
 * @throws AppError 503 `stripe_unavailable` or `stripe_refused`; the order stays and can be sent again
 */
export async function startCheckout(
  connections: Connections,
  provider: WorkingProvider,
  purchase: Purchase,
): Promise<string> {
  const { payment } = purchase;
  if (payment.checkout_url !== null) return payment.checkout_url;
  const session = await sessionFor(connections, provider, purchase).catch((error: unknown) => {
    throw isForTheSeller(error) ? refused(error) : unavailable(error);
  });
  await inWorkspace(connections.app, payment.workspace_id, (trx) =>
    keepSession(trx, payment.id, session),
  );
  return session.url;
}

async function sessionFor(
  connections: Connections,
  provider: WorkingProvider,
  { buyer, ...request }: Purchase,
): Promise<MadeSession> {
  const { workspace_id } = request.payment;
  let customer = '';
  const ask = async (payment: Payment): Promise<MadeSession> => {
    customer = await stripeCustomerOf(connections, provider, { workspace_id, ...buyer });
    return askStripe(provider, { ...request, payment, customer });
  };
  try {
    return await ask(request.payment);
  } catch (error) {
    const cause = needsAnotherKey(error);
    if (cause === undefined) throw error;
    const again = await inWorkspace(connections.app, workspace_id, async (trx) => {
      if (cause === 'customer_is_gone') await forgetCustomer(trx, customer);
      return countTry(trx, request.payment);
    });
    // An error of Stripe's own would hardly be over by now.
    if (cause === 'error_of_stripe') throw error;
    return ask(again);
  }
}

async function askStripe(
  { stripe, automaticTax }: WorkingProvider,
  request: CheckoutRequest,
): Promise<MadeSession> {
  const { id, checkout_tries } = request.payment;
  const parameters = checkoutParameters(request, automaticTax);
  const idempotencyKey = `checkout:${id}:${checkout_tries}`;
  const session = await stripe.checkout.sessions.create(parameters, { idempotencyKey });
  // The library takes some error answers for success, so what came is looked at.
  return MadeSession.parse(session);
}

/**
 * Why the same key would not help: Stripe repeats an error of its own, and refuses the key with
 * other parameters, such as those of another version of this program. After no answer at all the
 * same key has to find what was done.
 */
function needsAnotherKey(
  error: unknown,
): 'error_of_stripe' | 'other_parameters' | 'customer_is_gone' | undefined {
  if (isStripesOwnError(error)) return 'error_of_stripe';
  if (error instanceof Stripe.errors.StripeIdempotencyError) return 'other_parameters';
  return isCustomerGone(error) ? 'customer_is_gone' : undefined;
}

/** Wrong keys, missing rights, a request that Stripe does not take: trying again does not help. */
function isForTheSeller(error: unknown): boolean {
  const { errors } = Stripe;
  return (
    error instanceof errors.StripeAuthenticationError ||
    error instanceof errors.StripePermissionError ||
    error instanceof errors.StripeInvalidRequestError
  );
}

function refused(cause: unknown): AppError {
  const sentence =
    'Stripe does not take orders of this seller at the moment, who has to look into it. Nothing was charged.';
  return new AppError(503, 'stripe_refused', sentence, {}, { cause });
}

function unavailable(cause: unknown): AppError {
  const sentence =
    'Stripe did not answer. Nothing was charged and your order is kept; send it again.';
  return new AppError(503, 'stripe_unavailable', sentence, {}, { cause });
}

type MadeSession = z.output<typeof MadeSession>;

const MadeSession = z.object({
  object: z.literal('checkout.session'),
  id: z.string().min(1),
  url: z.url(),
});
