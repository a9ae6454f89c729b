import type { Instant } from '../core/instant.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import { invalidField } from './fields.ts';

/**
 * The ledger as a request asks it: at the time that it brings, which only test wallets may have.
 * @throws AppError 400 for a live key that brings one
 */
export function inOwnTime(ledger: Ledger, key: ApiKey, at: Instant | undefined): Ledger {
  if (at === undefined) return ledger;
  if (key.livemode) {
    throw invalidField('at', 'Live wallets have the time of the ledger; leave this out.');
  }
  return { ...ledger, execute: (command) => ledger.execute(command, at) };
}
