import { timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Context } from './context.ts';
import { StripeError } from './errors.ts';
import { API_VERSION } from './state.ts';

/**
 * Checks the secret key (as a Bearer token or as the user of Basic) and the API version asked
 * for. Throws a StripeError: 401 for a missing or wrong key, 400 for another version.
 */
export function identify(context: Context, request: Request): void {
  const key = keyOf(request.get('authorization') ?? '');
  if (key === '') {
    const message =
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
    throw new StripeError({ status: 401, message }, true);
  }
  if (!isSame(key, context.secretKey)) {
    const shown = key.length > 12 ? `${key.slice(0, 8)}****${key.slice(-4)}` : '****';
    throw new StripeError({ status: 401, message: `Invalid API Key provided: ${shown}` }, true);
  }
  const version = request.get('stripe-version') ?? API_VERSION;
  if (version !== API_VERSION) {
    const message = `Invalid Stripe API version: ${version}. This stand-in speaks ${API_VERSION} only.`;
    throw new StripeError({ status: 400, message }, true);
  }
}

function keyOf(header: string): string {
  const [scheme = '', value = ''] = header.split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(value, 'base64').toString().split(':')[0] ?? '';
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
