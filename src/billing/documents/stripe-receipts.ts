import Stripe from 'stripe';
import { z } from 'zod';
import { AppError, notFound } from '../../lib/errors.ts';
import type { PaymentProvider, WorkingProvider } from '../provider.ts';

/** Whether Stripe, or its stand-in, has a receipt of its own. */
export function hasStripeReceipt(
  provider: PaymentProvider,
  paid: { provider: string; payment_intent_id: string | null },
): boolean {
  return provider.mode === paid.provider && paid.payment_intent_id !== null;
}

/**
 * Where Stripe shows its own receipt of a payment. The address is asked for each time, since Stripe
 * lets it expire.
 * @throws AppError 404 when there is none, 503 `stripe_unavailable`
 */
export async function stripeReceiptOf(
  provider: WorkingProvider,
  intentId: string,
): Promise<{ url: string; origin: string }> {
  const answer = await provider.stripe.paymentIntents
    .retrieve(intentId, { expand: ['latest_charge'] })
    .catch((error: unknown) => {
      // Of another account, or of the other mode of this one.
      if (error instanceof Stripe.errors.StripeInvalidRequestError) throw notFound('receipt');
      const sentence = 'Stripe did not answer. The receipt is there; ask for it again in a moment.';
      throw new AppError(503, 'stripe_unavailable', sentence, {}, { cause: error });
    });
  const intent = Intent.safeParse(answer);
  const url = URL.parse(intent.data?.latest_charge?.receipt_url ?? '');
  if (intent.data?.id !== intentId || url === null || !isTheirs(provider, url)) {
    throw notFound('receipt');
  }
  return { url: url.href, origin: url.origin };
}

/** Nobody is sent anywhere else, whatever stands in an answer. */
function isTheirs({ checkoutOrigin, mode }: WorkingProvider, url: URL): boolean {
  if (url.protocol === 'https:' && /(?:^|\.)stripe\.com$/.test(url.hostname)) return true;
  return mode === 'simulated' && url.origin === checkoutOrigin;
}

const Intent = z.object({
  object: z.literal('payment_intent'),
  id: z.string(),
  latest_charge: z
    .object({ object: z.literal('charge'), receipt_url: z.string().nullish() })
    .nullish(),
});
