import { realSeconds } from './clock.ts';
import type { Context } from './context.ts';
import { parameterError, StripeError } from './errors.ts';
import type { SavedAnswer } from './state.ts';

/** A POST as its idempotency key sees it. */
export interface KeyedRequest {
  key: string;
  path: string;
  /** The canonical form of the parameters. */
  parameters: string;
}

/** The answer kept under a key; throws a StripeError when the key was used for something else. */
export function savedAnswer(context: Context, request: KeyedRequest): SavedAnswer | undefined {
  const { key, path, parameters } = request;
  if (key.length > 255) {
    throw parameterError(undefined, undefined, 'Idempotency keys can be at most 255 characters.');
  }
  const saved = context.store.answers.get(key);
  if (saved === undefined) return undefined;
  if (saved.path === path && saved.parameters === parameters) return saved;
  const same =
    saved.path === path
      ? 'with the same parameters they were first used with'
      : `for the same endpoint they were first used for ('${saved.path}')`;
  throw new StripeError({
    status: 400,
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used ${same}. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

/** Keeps an answer under its key. The caller saves. */
export function keepAnswer(
  context: Context,
  request: KeyedRequest,
  answer: { request_id: string; status: number; body: string },
): void {
  context.store.answers.set(request.key, { ...request, ...answer, created: realSeconds() });
}
