import type { Hold } from '../core/holds.ts';
import type { Lot } from '../core/lots.ts';
import type { PricedLine } from '../core/price-rules.ts';
import type { Bucket, Charge, Entry, Wallet } from '../core/wallet.ts';
import { contentHash, keyHash } from './keys.ts';

/*
 * Rows as columns: the write path sends each table as arrays, one for each column, in the order in
 * which write.ts names them.
 */

/** The letter of each bucket in the leg columns of entries. */
export const BUCKET_LETTERS: Record<Bucket, string> = {
  outside: 'w',
  available: 'a',
  held: 'h',
  consumed: 'c',
  expired: 'e',
  removed: 'r',
  debt: 'd',
};

type Columns = unknown[][];

/** A row and the wallet that it belongs to. */
export interface Owned<Row> {
  wallet: Pick<Wallet, 'id' | 'workspace_id'>;
  row: Row;
}

export function entryColumns(entries: readonly Owned<Entry>[]): Columns {
  return ownedColumns(entries, [
    (entry) => entry.seq,
    (entry) => entry.kind,
    (entry) => entry.amount,
    (entry) => entry.list_amount,
    (entry) => entry.waiver,
    (entry) => literal(entry.legs.map((leg) => leg.lot)),
    (entry) => literal(entry.legs.map((leg) => BUCKET_LETTERS[leg.from])),
    (entry) => literal(entry.legs.map((leg) => BUCKET_LETTERS[leg.to])),
    (entry) => literal(entry.legs.map((leg) => leg.amount)),
    (entry) => entry.available_after,
    (entry) => entry.held_after,
    (entry) => entry.debt_after,
    (entry) => entry.key.namespace,
    (entry) => entry.key.key,
    (entry) => keyHash(entry.key),
    (entry) => contentHash(entry.content),
    (entry) => entry.asked.actor_kind,
    (entry) => entry.asked.actor_id,
    (entry) => entry.asked.on_behalf_of,
    (entry) => entry.asked.api_key_id,
    (entry) => entry.operation,
    (entry) => entry.quantity,
    (entry) => (entry.lines === null ? null : JSON.stringify(entry.lines.map(storedLine))),
    (entry) => entry.parent_seq,
    (entry) => entry.payment_id,
    (entry) => entry.at,
    (entry) => entry.occurred_at,
    (entry) => (entry.details === null ? null : JSON.stringify(entry.details)),
  ]);
}

export function lotColumns(lots: readonly Owned<Lot>[]): Columns {
  return ownedColumns(lots, [
    (lot) => lot.number,
    (lot) => lot.entry_seq,
    (lot) => lot.source,
    (lot) => lot.priority,
    (lot) => lot.granted_at,
    (lot) => lot.expires_at,
    (lot) => lot.granted,
    (lot) => lot.available,
    (lot) => lot.held,
    (lot) => lot.consumed,
    (lot) => lot.expired,
    (lot) => lot.removed,
    (lot) => lot.cost_minor,
    (lot) => lot.currency,
    (lot) => lot.payment_id,
    (lot) => (lot.operations === null ? null : literal(lot.operations.map(quoted))),
  ]);
}

export function holdColumns(holds: readonly Owned<Hold>[]): Columns {
  return ownedColumns(holds, [
    (hold) => hold.id,
    (hold) => hold.entry_seq,
    (hold) => hold.operation,
    (hold) => hold.amount,
    (hold) => hold.captured,
    (hold) => hold.released,
    (hold) => hold.created_at,
    (hold) => hold.expires_at,
    (hold) => hold.expires_at_most,
    (hold) => hold.open,
  ]);
}

export function holdLotColumns(holds: readonly Owned<Hold>[]): Columns {
  const rows = holds.flatMap(({ wallet, row: hold }) =>
    hold.lots.map((lot) => ({ wallet, row: { ...lot, hold_id: hold.id } })),
  );
  return ownedColumns(rows, [
    (row) => row.hold_id,
    (row) => row.lot,
    (row) => row.position,
    (row) => row.amount,
    (row) => row.captured,
    (row) => row.released,
  ]);
}

/** What was given back of each lot's part of a charge; parts of which nothing came back have no row. */
export function refundColumns(charges: readonly Owned<Charge>[]): Columns {
  const rows = charges
    .flatMap(({ wallet, row: { seq, parts } }) =>
      parts.map((part) => ({ wallet, row: { ...part, entry_seq: seq } })),
    )
    .filter(({ row }) => row.refunded > 0n);
  return ownedColumns(rows, [
    (row) => row.entry_seq,
    (row) => row.lot,
    (row) => row.taken,
    (row) => row.refunded,
  ]);
}

export function walletColumns(wallets: readonly Wallet[]): Columns {
  return columnsOf(wallets, [
    (wallet) => wallet.id,
    (wallet) => wallet.available,
    (wallet) => wallet.held,
    (wallet) => wallet.debt,
    (wallet) => wallet.last_seq,
    (wallet) => wallet.last_lot,
    (wallet) => wallet.last_at,
    (wallet) => wallet.next_due_at,
  ]);
}

function ownedColumns<Row>(
  rows: readonly Owned<Row>[],
  values: readonly ((row: Row) => unknown)[],
): Columns {
  return [
    rows.map(({ wallet }) => wallet.id),
    rows.map(({ wallet }) => wallet.workspace_id),
    ...values.map((value) => rows.map(({ row }) => value(row))),
  ];
}

function columnsOf<Row>(rows: readonly Row[], values: readonly ((row: Row) => unknown)[]): Columns {
  return values.map((value) => rows.map(value));
}

/** JSON has no bigint: a line's whole numbers are stored as strings. */
function storedLine(line: PricedLine): Record<string, unknown> {
  return {
    code: line.code,
    label: line.label,
    unit: line.unit,
    quantity: String(line.quantity),
    price: String(line.price_pico),
    amount: String(line.amount_micro),
    rule: line.rule,
    version: line.version,
  };
}

/** An array as text, since PostgreSQL's unnest would take an array of arrays apart to the bottom. */
function literal(items: readonly (string | number | bigint)[]): string {
  return `{${items.join(',')}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
