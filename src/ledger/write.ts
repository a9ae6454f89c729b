import type { Lot } from '../core/lots.ts';
import type { Entry, WalletState } from '../core/wallet.ts';
import { type OutboxRow, insertOutbox, storeCounters } from './counters.ts';
import type { Statements } from './statements.ts';
import type { Owned, Statement } from './array-statements.ts';
import {
  type RefundTotal,
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
  told: OutboxRow[];
}

/**
 * Writes what was decided for some wallets: their entries with the details, the lots, holds and
 * refund totals that changed or are new, and the wallets. One statement over arrays for each table
 * that has rows, all sent at once. Throws before anything is sent when a value cannot be written.
 */
export function write(statements: Statements, changes: readonly Change[]): Promise<unknown> {
  const holds = owned(changes, ({ before, after }) => changed(before.holds, after.holds));
  const holdLots = holds.flatMap(({ wallet, row: hold }) =>
    hold.lots.map((lot) => ({ wallet, row: { ...lot, hold_id: hold.id } })),
  );
  const counters = owned(changes, ({ before, after }) => changed(before.counters, after.counters));
  const wallets = changes.map(({ after }) => after.wallet);
  const prepared = [
    ...prepare(
      insertEntries,
      owned(changes, (change) => change.entries),
    ),
    ...prepare(insertDetails, owned(changes, entriesWithDetails)),
    ...prepare(insertLots, owned(changes, newLots)),
    ...prepare(updateLots, owned(changes, changedLots)),
    ...prepare(storeHolds, holds),
    ...prepare(storeHoldLots, holdLots),
    ...prepare(storeRefundTotals, owned(changes, refundTotals)),
    ...prepare(storeCounters, counters),
    ...prepare(
      insertOutbox,
      owned(changes, (change) => change.told),
    ),
    ...prepare(updateWallets, wallets),
  ];
  return Promise.all(prepared.map(({ text, values }) => statements.query(text, values)));
}

/** Rows of changes, each with the wallet that it belongs to. */
export function owned<Row, One extends Change>(
  changes: readonly One[],
  rowsOf: (change: One) => readonly Row[],
): Owned<Row>[] {
  return changes.flatMap((change) =>
    rowsOf(change).map((row) => ({ wallet: change.after.wallet, row })),
  );
}

export function entriesWithDetails({ entries }: Change): Entry[] {
  return entries.filter((entry) => entry.details !== null);
}

/** The lots that were there before and are not as they were. */
export function changedLots({ before, after }: Change): Lot[] {
  return changed(before.lots, after.lots).filter((lot) => lot.number <= before.wallet.last_lot);
}

function newLots({ before, after }: Change): Lot[] {
  return after.lots.filter((lot) => lot.number > before.wallet.last_lot);
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

/** Whatever was decided on is another object than what was read. Most rows stay where they were. */
function changed<Row>(before: readonly Row[], after: readonly Row[]): Row[] {
  if (before === after) return [];
  return after.filter((one, index) => before[index] !== one && !before.includes(one));
}

function prepare<Row>(
  { text, values }: Statement<Row>,
  rows: readonly Row[],
): { text: string; values: Buffer[] }[] {
  return rows.length === 0 ? [] : [{ text, values: values(rows) }];
}
