import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import { grantedLast } from './balances.ts';

/** A wallet under its lock, as whoever watches it needs it. */
export interface WatchedWallet {
  id: string;
  workspace_id: string;
  slug: string;
  external_id: string | null;
  livemode: boolean;
  available_micro: bigint;
  debt_micro: bigint;
  /** As `Balance`. */
  granted_last_micro: bigint;
  unlimited: boolean;
  watch_below: bigint | null;
  watch_above: bigint | null;
}

/** Wallets as they are stored, which nobody changes until the transaction ends. */
export async function lockWatched(
  trx: Trx,
  walletIds: readonly string[],
): Promise<WatchedWallet[]> {
  if (walletIds.length === 0) return [];
  await sql`select from wallets where id = any(${walletIds}::uuid[])
    order by id for no key update`.execute(trx);
  // In a statement of its own: this one sees what those who held the lock before have written.
  const { rows } = await sql<WatchedWallet>`
    select w.id, w.workspace_id, s.slug, s.external_id, w.livemode, w.available as available_micro,
      w.debt as debt_micro, ${grantedLast()} as granted_last_micro,
      coalesce(w.unlimited_until > now(), false) as unlimited, w.watch_below, w.watch_above
    from wallets w join workspaces s on s.id = w.workspace_id
    where w.id = any(${walletIds}::uuid[]) order by w.id`.execute(trx);
  return rows;
}

/** Of some wallets those that nobody has looked at: from before they were watched, or unlimited then. */
export async function unwatchedOf(db: Db, walletIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from wallets where id = any(${walletIds}::uuid[]) and last_lot > 0
      and watch_below is null and watch_above is null
      and coalesce(unlimited_until <= now(), true)`.execute(db);
  return rows.map(({ id }) => id);
}

/** Between which amounts nobody has to look at a wallet. */
export interface Watch {
  id: string;
  watch_below: bigint | null;
  watch_above: bigint | null;
}

/**
 * From now on a wallet is told of when what is available leaves this range.
 * @param watches of wallets that the transaction has locked
 */
export async function watchWallets(trx: Trx, watches: readonly Watch[]): Promise<void> {
  if (watches.length === 0) return;
  await sql`
    update wallets w set watch_below = t.below, watch_above = t.above
    from unnest(${watches.map(({ id }) => id)}::uuid[],
      ${watches.map(({ watch_below }) => watch_below)}::int8[],
      ${watches.map(({ watch_above }) => watch_above)}::int8[]) as t(id, below, above)
    where w.id = t.id`.execute(trx);
}
