import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';
import { z } from 'zod';
import { StripeError } from './errors.ts';

/** Ways in which Stripe itself may fail a caller. */
export const faultShape = z.strictObject({
  kind: z.enum([
    'server_error',
    'rate_limit',
    'unauthorized',
    'not_an_error',
    'html',
    'slow',
    'refused',
    'lost_answer',
  ]),
  /** How many of the next API requests it hits. */
  times: z.int().min(1).max(10_000).default(1),
  /** How long a slow answer takes. */
  delay_ms: z.int().min(0).max(600_000).default(60_000),
});
type Fault = z.output<typeof faultShape>;

/** Faults that the control API has ordered for the next API requests. They are not saved. */
export class Faults {
  #waiting: Fault[] = [];

  order(fault: Fault): void {
    this.#waiting.push({ ...fault });
  }

  clear(): void {
    this.#waiting = [];
  }

  list(): readonly Fault[] {
    return this.#waiting;
  }

  /** The fault of this request, if one is due. */
  take(): Fault | undefined {
    const fault = this.#waiting[0];
    if (fault === undefined) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.#waiting.shift();
    return fault;
  }
}

/**
 * Commits a fault before the work is done. Returns whether the request is over; `lost_answer` does
 * its work first, and `server_error` is kept under the idempotency key, so both are left to the
 * caller. Throws the StripeError of an error answer.
 */
export async function commitFault(fault: Fault | undefined, response: Response): Promise<boolean> {
  switch (fault?.kind) {
    case 'rate_limit':
      throw new StripeError({
        status: 429,
        code: 'rate_limit',
        message: 'Request rate limit exceeded.',
      });
    case 'unauthorized':
      throw new StripeError({ status: 401, message: 'Invalid API Key provided: sk_test_****' });
    case 'not_an_error':
      // The SDK takes an error answer without an `error` for success.
      response.status(404).json({ message: 'Not found' });
      return true;
    case 'html':
      response.status(502).type('html').send('<html><body>Bad gateway</body></html>');
      return true;
    case 'refused':
      response.socket?.destroy();
      return true;
    case 'slow':
      // Stripe does the work even when nobody waits for the answer any more.
      await wait(fault.delay_ms, undefined, { ref: false });
      return false;
    default:
      return false;
  }
}

/** What Stripe answers when something breaks on its side. */
export function serverError(): StripeError {
  return new StripeError({ status: 500, type: 'api_error', message: 'An unknown error occurred' });
}
