import type { Hold } from '../core/holds.ts';
import type { Instant } from '../core/instant.ts';
import type { Lot } from '../core/lots.ts';
import type { PricedLine } from '../core/price-rules.ts';
import type { Bucket, Charge, Entry, Wallet } from '../core/wallet.ts';
import { type Column, type Owned, insert, overwrite, owner, update } from './array-statements.ts';
import { listText } from './arrays.ts';
import { contentHash, keyHash } from './keys.ts';

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

export const insertEntries = insert<Owned<Entry>>(
  'entries',
  [
    ...owner<Entry>(),
    ['seq', 'int8', ({ row }) => row.seq],
    ['kind', 'text', ({ row }) => row.kind],
    ['amount', 'int8', ({ row }) => row.amount],
    ['list_amount', 'int8', ({ row }) => row.list_amount],
    ['waiver', 'text', ({ row }) => row.waiver],
    ['leg_lots', 'list of int4', ({ row }) => listText(row.legs.map((leg) => leg.lot))],
    ['leg_from', 'list of "char"', ({ row }) => letters(row.legs.map((leg) => leg.from))],
    ['leg_to', 'list of "char"', ({ row }) => letters(row.legs.map((leg) => leg.to))],
    ['leg_amounts', 'list of int8', ({ row }) => listText(row.legs.map((leg) => leg.amount))],
    ['available_after', 'int8', ({ row }) => row.available_after],
    ['held_after', 'int8', ({ row }) => row.held_after],
    ['debt_after', 'int8', ({ row }) => row.debt_after],
    ['namespace', 'text', ({ row }) => row.key.namespace],
    ['key', 'text', ({ row }) => row.key.key],
    ['key_hash', 'uuid', ({ row }) => keyHash(row.key)],
    ['content_hash', 'uuid', ({ row }) => contentHash(row.content)],
    ['actor_kind', 'text', ({ row }) => row.asked.actor_kind],
    ['actor_id', 'uuid', ({ row }) => row.asked.actor_id],
    ['on_behalf_of', 'text', ({ row }) => row.asked.on_behalf_of],
    ['api_key_id', 'uuid', ({ row }) => row.asked.api_key_id],
    ['operation', 'text', ({ row }) => row.operation],
    ['quantity', 'int8', ({ row }) => row.quantity],
    ['lines', 'jsonb', ({ row }) => linesText(row.lines)],
    ['parent_seq', 'int8', ({ row }) => row.parent_seq],
    ['payment_id', 'uuid', ({ row }) => row.payment_id],
    ['at', 'instant', ({ row }) => row.at],
    ['occurred_at', 'instant', ({ row }) => row.occurred_at],
  ],
  { recorded_at: 'clock_timestamp()' },
);

export const insertDetails = insert<Owned<Entry>>('entry_details', [
  ...owner<Entry>(),
  ['seq', 'int8', ({ row }) => row.seq],
  ['description', 'text', ({ row }) => row.details?.description],
  ['reason', 'text', ({ row }) => row.details?.reason],
  ['metadata', 'jsonb', ({ row }) => jsonText(row.details?.metadata)],
  ['request_id', 'text', ({ row }) => row.details?.request_id],
]);

const LOT_KEY: readonly Column<Owned<Lot>>[] = [
  ...owner<Lot>(),
  ['number', 'int4', ({ row }) => row.number],
];
const LOT_AMOUNTS: readonly Column<Owned<Lot>>[] = [
  ['available', 'int8', ({ row }) => row.available],
  ['held', 'int8', ({ row }) => row.held],
  ['consumed', 'int8', ({ row }) => row.consumed],
  ['expired', 'int8', ({ row }) => row.expired],
  ['removed', 'int8', ({ row }) => row.removed],
  ['open', 'bool', ({ row }) => row.available + row.held > 0n],
];

export const insertLots = insert<Owned<Lot>>('lots', [
  ...LOT_KEY,
  ['entry_seq', 'int8', ({ row }) => row.entry_seq],
  ['source', 'text', ({ row }) => row.source],
  ['priority', 'int2', ({ row }) => row.priority],
  ['granted_at', 'instant', ({ row }) => row.granted_at],
  ['expires_at', 'instant', ({ row }) => row.expires_at],
  ['granted', 'int8', ({ row }) => row.granted],
  ...LOT_AMOUNTS,
  ['cost_minor', 'int8', ({ row }) => row.cost_minor],
  ['currency', 'text', ({ row }) => row.currency],
  ['payment_id', 'uuid', ({ row }) => row.payment_id],
  ['subscription_id', 'uuid', ({ row }) => row.subscription_id],
  ['operations', 'list of text', ({ row }) => row.operations && listText(row.operations)],
]);

export const updateLots = update<Owned<Lot>>('lots', LOT_KEY, LOT_AMOUNTS);

const HOLD_STATE: readonly Column<Owned<Hold>>[] = [
  ['quantity', 'int8', ({ row }) => row.quantity],
  ['captured', 'int8', ({ row }) => row.captured],
  ['released', 'int8', ({ row }) => row.released],
  ['expires_at', 'instant', ({ row }) => row.expires_at],
  ['open', 'bool', ({ row }) => row.open],
];

export const storeHolds = insert<Owned<Hold>>(
  'holds',
  [
    ...owner<Hold>(),
    ['id', 'uuid', ({ row }) => row.id],
    ['entry_seq', 'int8', ({ row }) => row.entry_seq],
    ['operation', 'text', ({ row }) => row.operation],
    ['amount', 'int8', ({ row }) => row.amount],
    ['created_at', 'instant', ({ row }) => row.created_at],
    ['expires_at_most', 'instant', ({ row }) => row.expires_at_most],
    ...HOLD_STATE,
  ],
  {},
  overwrite('wallet_id, id', HOLD_STATE),
);

type HoldLotRow = Hold['lots'][number] & { hold_id: string };
const HOLD_LOT_STATE: readonly Column<Owned<HoldLotRow>>[] = [
  ['captured', 'int8', ({ row }) => row.captured],
  ['released', 'int8', ({ row }) => row.released],
];

export const storeHoldLots = insert<Owned<HoldLotRow>>(
  'hold_lots',
  [
    ...owner<HoldLotRow>(),
    ['hold_id', 'uuid', ({ row }) => row.hold_id],
    ['lot_number', 'int4', ({ row }) => row.lot],
    ['position', 'int2', ({ row }) => row.position],
    ['amount', 'int8', ({ row }) => row.amount],
    ...HOLD_LOT_STATE,
  ],
  {},
  overwrite('wallet_id, hold_id, lot_number', HOLD_LOT_STATE),
);

export type RefundTotal = Charge['parts'][number] & { entry_seq: bigint };

export const storeRefundTotals = insert<Owned<RefundTotal>>(
  'refund_totals',
  [
    ...owner<RefundTotal>(),
    ['entry_seq', 'int8', ({ row }) => row.entry_seq],
    ['lot_number', 'int4', ({ row }) => row.lot],
    ['taken', 'int8', ({ row }) => row.taken],
    ['refunded', 'int8', ({ row }) => row.refunded],
  ],
  {},
  'on conflict (wallet_id, entry_seq, lot_number) do update set refunded = excluded.refunded',
);

const WALLET_STATE: readonly Column<Wallet>[] = [
  ['available', 'int8', (wallet) => wallet.available],
  ['held', 'int8', (wallet) => wallet.held],
  ['debt', 'int8', (wallet) => wallet.debt],
  ['last_seq', 'int8', (wallet) => wallet.last_seq],
  ['last_lot', 'int4', (wallet) => wallet.last_lot],
  ['last_at', 'instant', (wallet) => wallet.last_at],
  ['next_due_at', 'instant', (wallet) => wallet.next_due_at],
];

export const updateWallets = update<Wallet>(
  'wallets',
  [['id', 'uuid', (wallet) => wallet.id]],
  WALLET_STATE,
);

/** A wallet as it is to be, and what its row was when it was known. */
export type VersionedWallet = Wallet & { version: string; known_at: Instant };

/**
 * Every update of a row, whoever makes it, is another transaction's: which one is its version. After
 * a standby took over, numbers of transactions that it lost are used again; a time is not.
 */
export const updateUnchangedWallets = update<VersionedWallet>(
  'wallets',
  [
    ['id', 'uuid', (wallet) => wallet.id],
    ['xmin', 'xid', (wallet) => wallet.version],
    ['last_at', 'instant', (wallet) => wallet.known_at],
  ],
  WALLET_STATE,
);

function letters(buckets: readonly Bucket[]): string {
  return listText(buckets.map((bucket) => BUCKET_LETTERS[bucket]));
}

/** JSON has no bigint: a line's whole numbers are stored as strings. */
function linesText(lines: readonly PricedLine[] | null): string | null {
  if (lines === null) return null;
  return JSON.stringify(
    lines.map((line) => ({
      code: line.code,
      label: line.label,
      unit: line.unit,
      quantity: String(line.quantity),
      price: String(line.price_pico),
      amount: String(line.amount_micro),
      rule: line.rule,
      version: line.version,
      measured: line.measured?.toString(),
    })),
  );
}

function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
