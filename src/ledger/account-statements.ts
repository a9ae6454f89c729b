import { type Instant, instantOf } from '../core/instant.ts';
import type { Db } from '../lib/database.ts';
import { type PastBalance, balancesAt } from './past-balances.ts';
import { type KindTotal, LAST_SEQ, totalsBetween } from './totals.ts';

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

/** What a statement's entries come to, by kind. */
export async function totalsOf(db: Db, statement: AccountStatement): Promise<KindTotal[]> {
  const { wallet_id, opening, closing } = statement;
  return totalsBetween(db, wallet_id, opening.seq, closing.seq);
}

/** What a wallet was charged since a moment, less what came back. */
export async function spentSince(db: Db, walletId: string, since: Date): Promise<bigint> {
  const [before] = await balancesAt(db, walletId, [instantOf(since) - 1n]);
  const totals = await totalsBetween(db, walletId, before?.seq ?? 0n, LAST_SEQ);
  return totals.reduce((spent, { kind, amount_micro }) => {
    if (kind === 'refund') return spent - amount_micro;
    return kind === 'debit' || kind === 'capture' ? spent + amount_micro : spent;
  }, 0n);
}
