import type { Instant } from '../core/instant.ts';
import type { Lot } from '../core/lots.ts';
import type { Wallet, WalletState } from '../core/wallet.ts';
import type { Statements } from './statements.ts';

/** Microseconds since 1970 of a timestamp column, exactly. */
const micros = (column: string): string => `(extract(epoch from ${column}) * 1000000)::int8`;

const LOCK = `
  select id, workspace_id, available, held, debt, last_seq, last_lot,
    ${micros('last_at')} as last_at, ${micros('next_due_at')} as next_due_at,
    frozen_at is not null as frozen
  from wallets where id = any($1) order by id for no key update`;

const LOTS = `
  select wallet_id, number, entry_seq, source, priority, granted, available, held, consumed,
    expired, removed, cost_minor, currency, payment_id, operations,
    ${micros('granted_at')} as granted_at, ${micros('expires_at')} as expires_at
  from lots where wallet_id = any($1) and open`;

const KEY = `
  select seq, content_hash, amount, available_after from entries where wallet_id = $1 and key_hash = $2`;

/**
 * Locks the wallets in the order of their ids, then reads their open lots in a statement of its
 * own: a statement that locks and reads at once would see the lots as they were before it waited.
 */
export async function lockAndRead(
  statements: Statements,
  walletIds: readonly string[],
): Promise<Map<string, WalletState>> {
  const wallets = await statements.query<Wallet>(LOCK, [walletIds]);
  const lots = await statements.query<Lot & { wallet_id: string }>(LOTS, [walletIds]);
  return new Map(
    wallets.map((wallet) => [
      wallet.id,
      { wallet, lots: lots.filter((lot) => lot.wallet_id === wallet.id) },
    ]),
  );
}

/** The database's clock. Asked after the lock, so that waiting does not make it old. */
export async function readClock(statements: Statements): Promise<Instant> {
  const rows = await statements.query<{ now: Instant }>(
    `select ${micros('clock_timestamp()')} as now`,
    [],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the database did not tell its time');
  return row.now;
}

/** What is kept of the first answer to a key. */
export interface UsedKey {
  seq: bigint;
  content_hash: string;
  amount: bigint;
  available_after: bigint;
}

/** The entry that used a key before, if any. Asked under the wallet's lock. */
export async function readKey(
  statements: Statements,
  walletId: string,
  keyHash: string,
): Promise<UsedKey | undefined> {
  const rows = await statements.query<UsedKey>(KEY, [walletId, keyHash]);
  return rows[0];
}
