import { sql } from 'kysely';
import { type Instant, instantOf } from '../core/instant.ts';
import type { EntryKind } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { type PastBalance, balancesAt } from './past-balances.ts';

/** What became of a wallet from a moment until just before another. */
export interface AccountStatement {
  wallet_id: string;
  /** How it stood just before the first moment. */
  opening: PastBalance;
  /** How it stood just before the second: what the next statement opens with. */
  closing: PastBalance;
  /**
   * Opening, the changes of all entries and this come to closing: what expired before the first
   * moment and was written after it, less the same at the second. Nearly always 0.
   */
  carried_micro: bigint;
}

/** The entries of one kind within a statement. */
export interface KindTotal {
  kind: EntryKind;
  entries: bigint;
  amount_micro: bigint;
  /** By how much they changed the balance. */
  change_micro: bigint;
}

/**
 * The statement of `from <= at < to`; undefined when there is no such wallet. Costs two balances.
 * Its entries are those of `entryPage` with `above: opening.seq` and `upto: closing.seq`.
 */
export async function statementOf(
  db: Db,
  walletId: string,
  { from, to }: { from: Instant; to: Instant },
): Promise<AccountStatement | undefined> {
  const [opening, closing] = await balancesAt(db, walletId, [from - 1n, to - 1n]);
  if (opening === undefined || closing === undefined) return undefined;
  const carried_micro = opening.unwritten_micro - closing.unwritten_micro;
  return { wallet_id: walletId, opening, closing, carried_micro };
}

/** What a statement's entries come to, by kind. Reads each of its entries once, and no others. */
export async function totalsOf(db: Db, statement: AccountStatement): Promise<KindTotal[]> {
  const { wallet_id, opening, closing } = statement;
  const found = await sql<KindTotal>`
    select kind, count(*) as entries, sum(amount)::int8 as amount_micro,
      sum(balance - before)::int8 as change_micro
    from (
      select seq, kind, amount, balance, lag(balance, 1, 0::int8) over (order by seq) as before
      from (
        select seq, kind, amount, available_after + held_after - debt_after as balance
        from entries
        where wallet_id = ${wallet_id} and seq between ${opening.seq} and ${closing.seq}
      ) e
    ) changed
    where seq > ${opening.seq}
    group by kind order by kind`.execute(db);
  return found.rows;
}

/** What a wallet was charged since a moment, less what came back. Reads the entries since, and no others. */
export async function spentSince(db: Db, walletId: string, since: Date): Promise<bigint> {
  const [before] = await balancesAt(db, walletId, [instantOf(since) - 1n]);
  const found = await sql<{ spent: bigint }>`
    select coalesce(sum(case when kind = 'refund' then -amount else amount end), 0)::int8 as spent
    from entries where wallet_id = ${walletId} and kind in ('debit', 'capture', 'refund')
      and seq > ${before?.seq ?? 0n}`.execute(db);
  return found.rows[0]?.spent ?? 0n;
}
