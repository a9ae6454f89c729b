import type { Common } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import type { Asked, Details, IdempotencyKey } from '../core/wallet.ts';
import { type Made, isMadeByOwnKey } from '../ledger/made-by-keys.ts';
import { notFound } from '../lib/errors.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import type { Account } from '../workspaces/customers.ts';
import type { Whose } from './caller.ts';
import type { Call, Services } from './endpoint.ts';
import { idempotencyKeyOf } from './fields.ts';

/** The fields that a request may have whatever it is about. */
export interface CommonFields extends Whose {
  on_behalf_of?: string | undefined;
  description?: string | undefined;
  metadata?: Details['metadata'];
  at?: Instant | undefined;
}

/** What every command of a request says of who asks for what. */
export function commonOf(
  call: Call,
  request: CommonFields,
  { wallet_id }: Account,
  key: IdempotencyKey,
): Common {
  const asked = askedBy(call.key, request.on_behalf_of);
  return { wallet_id, key, asked, ...detailsOf(call, request) };
}

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

/**
 * A workspace's keys settle and give back what keys of the workspace have begun: what the seller holds
 * or charges is the seller's.
 * @throws AppError 404 for what is not theirs, as for what is not there
 */
export async function mustBeOwn(
  { connections }: Services,
  { key, account }: { key: ApiKey; account: Account },
  made: Made,
): Promise<void> {
  if (key.own === undefined) return;
  if (await isMadeByOwnKey(connections.staff, account.wallet_id, made)) return;
  throw notFound('seq' in made ? 'charge' : 'hold');
}

/** Who asks, as the ledger keeps it. */
export function askedBy(key: ApiKey, on_behalf_of: string | undefined): Asked {
  return { actor_kind: 'api_key', actor_id: key.id, api_key_id: key.id, on_behalf_of };
}

/**
 * What is kept beside the entry. An id of ours for the request would cost a row for each debit, and
 * is in the log: it is kept when the caller brought it or there is something to keep anyway.
 */
function detailsOf(call: Call, { description, metadata }: CommonFields): { details?: Details } {
  const brought = call.headers['x-request-id'] === call.request_id;
  if (!brought && description === undefined && metadata === undefined) return {};
  return { details: { description, metadata, request_id: call.request_id } };
}
