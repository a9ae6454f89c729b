import type { Asked, Details, IdempotencyKey } from '../core/wallet.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import type { Call } from './endpoint.ts';
import { idempotencyKeyOf } from './fields.ts';

/** @throws AppError 400 when the header is missing or no key */
export function keyOfCall(call: Call): IdempotencyKey {
  return keyOf(call.key, idempotencyKeyOf(call.headers['idempotency-key']));
}

/**
 * Keys of one owner share a namespace, so that an idempotency key keeps its meaning when the API key
 * is changed for another.
 */
export function keyOf({ own }: ApiKey, key: string): IdempotencyKey {
  return { namespace: `api:${own?.workspace_id ?? 'service'}`, key };
}

export function askedBy(key: ApiKey, on_behalf_of?: string): Asked {
  return { actor_kind: 'api_key', actor_id: key.id, api_key_id: key.id, on_behalf_of };
}

/**
 * What is kept beside the entry. An id of ours for the request would cost a row for each debit, and
 * is in the log: it is kept when the caller brought it or there is something to keep anyway.
 */
export function detailsOf(
  call: Call,
  { description, metadata }: { description?: string | undefined; metadata?: Details['metadata'] },
): { details?: Details } {
  const brought = call.headers['x-request-id'] === call.request_id;
  if (!brought && description === undefined && metadata === undefined) return {};
  return { details: { description, metadata, request_id: call.request_id } };
}
