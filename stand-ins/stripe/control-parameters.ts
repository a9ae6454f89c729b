import { z } from 'zod';
import { StripeError } from './errors.ts';

/** Reads a JSON body of the control API; throws a 400 StripeError that says what is wrong. */
export function readControl<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  throw new StripeError({ status: 400, message: z.prettifyError(result.error) });
}
