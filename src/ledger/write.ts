import type { Entry, WalletState } from '../core/wallet.ts';
import { type OutboxRow, insertOutbox, storeCounters } from './counters.ts';
import type { Statements } from './statements.ts';
import {
  type Owned,
  type RefundTotal,
  type Statement,
  insertDetails,
  insertEntries,
  insertLots,
  storeHoldLots,
  storeHolds,
  storeRefundTotals,
  updateLots,
  updateWallets,
} from './tables.ts';

/** What was decided for one wallet and is not written yet. */
export interface Change {
  before: WalletState;
  after: WalletState;
  entries: Entry[];
  crossings: OutboxRow[];
}

/**
 * Writes what was decided for some wallets: their entries with the details, the lots, holds and
 * refund totals that changed or are new, and the wallets. One statement over arrays for each table
 * that has rows, all sent at once. Throws before anything is sent when a value cannot be written.
 */
export function write(statements: Statements, changes: readonly Change[]): Promise<unknown> {
  const owned = <Row>(rowsOf: (change: Change) => readonly Row[]): Owned<Row>[] =>
    changes.flatMap((change) =>
      rowsOf(change).map((row) => ({ wallet: change.after.wallet, row })),
    );
  const isNewLot = ({ before }: Change, number: number): boolean => number > before.wallet.last_lot;
  const holds = owned(({ before, after }) => changed(before.holds, after.holds));
  const prepared = [
    ...prepare(
      insertEntries,
      owned((change) => change.entries),
    ),
    ...prepare(
      insertDetails,
      owned((change) => change.entries.filter((entry) => entry.details !== null)),
    ),
    ...prepare(
      insertLots,
      owned((change) => change.after.lots.filter((lot) => isNewLot(change, lot.number))),
    ),
    ...prepare(
      updateLots,
      owned((change) =>
        changed(change.before.lots, change.after.lots).filter(
          (lot) => !isNewLot(change, lot.number),
        ),
      ),
    ),
    ...prepare(storeHolds, holds),
    ...prepare(
      storeHoldLots,
      holds.flatMap(({ wallet, row: hold }) =>
        hold.lots.map((lot) => ({ wallet, row: { ...lot, hold_id: hold.id } })),
      ),
    ),
    ...prepare(storeRefundTotals, owned(refundTotals)),
    ...prepare(
      storeCounters,
      owned(({ before, after }) => changed(before.counters, after.counters)),
    ),
    ...prepare(
      insertOutbox,
      owned((change) => change.crossings),
    ),
    ...prepare(
      updateWallets,
      changes.map(({ after }) => after.wallet),
    ),
  ];
  return Promise.all(prepared.map(({ text, values }) => statements.query(text, values)));
}

/**
 * What was reversed of an entry is kept by lot: of charges what was refunded, of the entries that
 * granted lots what was clawed back, of clawbacks what was reinstated. A part of a charge of which
 * nothing came back has no row.
 */
function refundTotals({ before, after }: Change): RefundTotal[] {
  return [
    ...changed(before.charges, after.charges).flatMap(({ seq, parts }) =>
      parts.filter((part) => part.refunded > 0n).map((part) => ({ ...part, entry_seq: seq })),
    ),
    ...changed(before.clawed_lots, after.clawed_lots).map((one) => {
      return { ...one, taken: one.granted, refunded: one.clawed_back };
    }),
    ...changed(before.clawbacks, after.clawbacks).map((one) => {
      return { ...one, entry_seq: one.seq, taken: one.amount, refunded: one.returned };
    }),
  ];
}

/** Whatever was decided on is another object than what was read. */
function changed<Row>(before: readonly Row[], after: readonly Row[]): Row[] {
  if (before === after) return [];
  const known = new Set(before);
  return after.filter((one) => !known.has(one));
}

function prepare<Row>(
  { text, values }: Statement<Row>,
  rows: readonly Row[],
): { text: string; values: Buffer[] }[] {
  return rows.length === 0 ? [] : [{ text, values: values(rows) }];
}
