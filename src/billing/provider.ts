import Stripe from 'stripe';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';

/** How payments are taken: through Stripe, through its stand-in, or not at all. */
export type PaymentProvider =
  | {
      mode: 'stripe' | 'simulated';
      stripe: Stripe;
      /** The newest first; an older one still passes while it is being changed. */
      webhookSecrets: readonly string[];
      livemode: boolean;
      /** Whether Stripe adds the tax of the buyer's country. */
      automaticTax: boolean;
      /** Where a buyer may be sent to pay. */
      checkoutOrigin: string;
    }
  | { mode: 'off'; reason: string };

/** One that takes payments. */
export type WorkingProvider = Exclude<PaymentProvider, { mode: 'off' }>;

export interface ProviderOptions {
  secretKey: string;
  webhookSecrets: readonly string[];
  /** A server that speaks Stripe's protocol; Stripe itself when undefined. */
  apiUrl?: string | undefined;
  automaticTax?: boolean | undefined;
  /** For tests that do not want to wait. */
  timeoutMilliseconds?: number | undefined;
}

/** Somebody waits for the answer: better to say that Stripe is slow than to wait a minute. */
const TIMEOUT_MILLISECONDS = 10_000;

export function stripeProvider(
  mode: 'stripe' | 'simulated',
  options: ProviderOptions,
): PaymentProvider {
  const api = options.apiUrl === undefined ? undefined : new URL(options.apiUrl);
  const stripe = new Stripe(options.secretKey, {
    timeout: options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
    maxNetworkRetries: 1,
    ...(api === undefined
      ? {}
      : {
          host: api.hostname,
          port: api.port,
          protocol: api.protocol === 'https:' ? 'https' : 'http',
        }),
  });
  return {
    mode,
    stripe,
    webhookSecrets: options.webhookSecrets,
    automaticTax: options.automaticTax ?? false,
    livemode: options.secretKey.includes('_live_'),
    checkoutOrigin: api?.origin ?? 'https://checkout.stripe.com',
  };
}

/** An answer of 5xx, as against no answer at all, whose effect the same key has to find again. */
export function isStripesOwnError(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && (error.statusCode ?? 0) >= 500;
}

/**
 * An answer that Stripe may give again for a day under the same key, so that the next request needs
 * another one: as against no answer at all, or that the same request is under way.
 */
export function isKeptUnderKey(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const { statusCode = 0 } = error;
  return statusCode >= 400 && statusCode !== 409 && statusCode !== 429;
}

/** Who takes payments. Throws AppError 503 `buying_is_off` where nobody does. */
export function whileBuyingIsOn(provider: PaymentProvider): WorkingProvider {
  if (provider.mode !== 'off') return provider;
  throw new AppError(503, 'buying_is_off', provider.reason);
}

/**
 * Asks Stripe while somebody waits for the answer.
 * @param kept what is said beside "Stripe did not answer."
 * @throws AppError 503 `stripe_unavailable` when it is Stripe that failed
 */
export async function orUnavailable<Result>(
  kept: string,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    const isOfStripe = cause instanceof Stripe.errors.StripeError || cause instanceof z.ZodError;
    if (!isOfStripe) throw cause;
    throw new AppError(503, 'stripe_unavailable', `Stripe did not answer. ${kept}`, {}, { cause });
  }
}
