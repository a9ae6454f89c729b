import { z } from 'zod';
import { plainCredits } from '../core/credits.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type Payment, type Sold, countTry, keepSession } from './orders.ts';
import { type WorkingProvider, isStripesOwnError } from './provider.ts';

export interface CheckoutRequest {
  payment: Payment;
  email: string | undefined;
  /** Where Stripe sends the buyer back to. */
  returnUrl: string;
  cancelUrl: string;
}

/**
 * Asks Stripe for a page on which the buyer pays, between two transactions. The idempotency key
 * comes from the payment's row: asked again after a crash or a time-out, Stripe answers with the
 * same page. Stripe would repeat an error of its own for a day, so after one the key is another;
 * the page that it may have made is unknown to everybody and expires.
 * @returns the URL to send the buyer to
 * @throws AppError 503 `stripe_unavailable`; the order stays and can be sent again
 */
export async function startCheckout(
  connections: Connections,
  provider: WorkingProvider,
  request: CheckoutRequest,
): Promise<string> {
  const { payment } = request;
  if (payment.checkout_url !== null) return payment.checkout_url;
  const session = await askStripe(provider, request).catch(async (error: unknown) => {
    if (isStripesOwnError(error)) {
      await inWorkspace(connections.app, payment.workspace_id, (trx) => countTry(trx, payment));
    }
    throw new AppError(
      503,
      'stripe_unavailable',
      'Stripe did not answer. Nothing was charged and your order is kept; send it again.',
      {},
      { cause: error },
    );
  });
  await inWorkspace(connections.app, payment.workspace_id, (trx) =>
    keepSession(trx, payment.id, session),
  );
  return session.url;
}

async function askStripe(
  provider: WorkingProvider,
  { payment, email, returnUrl, cancelUrl }: CheckoutRequest,
): Promise<{ id: string; url: string }> {
  const metadata = {
    scrip_payment: payment.id,
    scrip_wallet: payment.wallet_id,
    scrip_package: payment.sold.package,
  };
  const price_data = {
    currency: payment.currency.toLowerCase(),
    unit_amount: Number(payment.subtotal_minor),
    product_data: { name: lineOf(payment.sold) },
  };
  const session = await provider.stripe.checkout.sessions.create(
    {
      mode: 'payment',
      client_reference_id: payment.id,
      ...(email === undefined ? {} : { customer_email: email }),
      line_items: [{ quantity: 1, price_data }],
      metadata,
      payment_intent_data: { metadata },
      success_url: returnUrl,
      cancel_url: cancelUrl,
    },
    { idempotencyKey: `checkout:${payment.id}:${payment.checkout_tries}` },
  );
  // The library takes some error answers for success, so what came is looked at.
  return Session.parse(session);
}

/** What the buyer reads on the payment page: "Professional: 500 credits and 50 bonus". */
function lineOf({ name, credits_micro, bonus_micro }: Sold): string {
  const bonus = bonus_micro > 0n ? ` and ${plainCredits(bonus_micro)} bonus` : '';
  return `${name}: ${plainCredits(credits_micro)} credits${bonus}`;
}

const Session = z.object({
  object: z.literal('checkout.session'),
  id: z.string().min(1),
  url: z.url(),
});
