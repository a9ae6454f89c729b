import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import { markAfterCommit } from '../lib/after-commit.ts';

/** What of a wallet is stored, and what its entries come to. */
export interface WalletDrift {
  workspace_id: string;
  workspace: string;
  available: bigint;
  held: bigint;
  debt: bigint;
  available_by_entries: bigint;
  held_by_entries: bigint;
  debt_by_entries: bigint;
}

/** Undefined for what is no wallet. */
export async function readDrift(db: Db, walletId: string): Promise<WalletDrift | undefined> {
  const { rows } = await sql<WalletDrift>`
    select w.workspace_id, s.name as workspace, w.available, w.held, w.debt,
      coalesce(e.available_after, 0) as available_by_entries,
      coalesce(e.held_after, 0) as held_by_entries, coalesce(e.debt_after, 0) as debt_by_entries
    from wallets w join workspaces s on s.id = w.workspace_id
    left join lateral (
      select * from entries where wallet_id = w.id order by seq desc limit 1
    ) e on true
    where w.id = ${walletId}`.execute(db);
  return rows[0];
}

/**
 * Puts the wallet and its lots back to what the entries say. No entry is written and none is changed:
 * whoever calls this writes down why. Only for a wallet whose entries add up by themselves.
 * @param trx in the wallet's workspace
 * @returns what was stored until now
 */
export async function mendFromEntries(trx: Trx, walletId: string): Promise<WalletDrift> {
  await markAfterCommit(trx, [walletId]);
  await sql`select from wallets where id = ${walletId} for no key update`.execute(trx);
  const before = await readDrift(trx, walletId);
  if (before === undefined) throw new Error(`wallet ${walletId} has gone`);
  await sql`
    with folded as (
      select t.lot,
        sum(t.amount * ((target = 'a')::int - (source = 'a')::int)) as available,
        sum(t.amount * ((target = 'h')::int - (source = 'h')::int)) as held,
        sum(t.amount * ((target = 'c')::int - (source = 'c')::int)) as consumed,
        sum(t.amount * ((target = 'e')::int - (source = 'e')::int)) as expired,
        sum(t.amount * ((target = 'r')::int - (source = 'r')::int)) as removed
      from entries e cross join lateral
        unnest(e.leg_lots, e.leg_from, e.leg_to, e.leg_amounts) as t(lot, source, target, amount)
      where e.wallet_id = ${walletId} and t.lot > 0 group by t.lot
    )
    update lots l set available = f.available, held = f.held, consumed = f.consumed,
      expired = f.expired, removed = f.removed, open = f.available + f.held > 0
    from folded f
    where l.wallet_id = ${walletId} and l.number = f.lot
      and (l.available, l.held, l.consumed, l.expired, l.removed)
        is distinct from (f.available, f.held, f.consumed, f.expired, f.removed)`.execute(trx);
  await sql`
    update wallets w set available = coalesce(e.available_after, 0), held = coalesce(e.held_after, 0),
      debt = coalesce(e.debt_after, 0), last_at = coalesce(e.at, w.last_at),
      last_lot = (select coalesce(max(number), 0) from lots where wallet_id = w.id),
      next_due_at = least(
        (select min(expires_at) from lots where wallet_id = w.id and open and available > 0),
        (select min(expires_at) from holds where wallet_id = w.id and open))
    from (select 1) one left join lateral (
      select * from entries where wallet_id = ${walletId} order by seq desc limit 1
    ) e on true
    where w.id = ${walletId}`.execute(trx);
  return before;
}
