import type { Budget, Use } from './budgets.ts';
import type { Counter } from './counters.ts';
import type { Instant } from './instant.ts';
import type { Hold } from './holds.ts';
import type { Lot } from './lots.ts';
import type { PricedLine } from './price-rules.ts';

/** Where credits are. Legs of an entry move them from one to another. */
export const BUCKETS = [
  'outside',
  'available',
  'held',
  'consumed',
  'expired',
  'removed',
  'debt',
] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Why usage is recorded and costs nothing. */
export type Waiver = 'plan' | 'super_admin' | 'contract';

export interface Wallet {
  id: string;
  workspace_id: string;
  /** Live credits and test credits never meet. */
  livemode: boolean;
  available: bigint;
  held: bigint;
  debt: bigint;
  last_seq: bigint;
  last_lot: number;
  last_at: Instant;
  /** No lot expires and no hold lapses before this; null when nothing will. */
  next_due_at: Instant | null;
  frozen: boolean;
  /** Usage is recorded and costs nothing, for this reason. */
  unlimited: Waiver | null;
  /** How much may be owed for usage. */
  overdraft_limit: bigint;
  refund_to_expired_lot: 'expire' | 'grace_lot';
  grace_seconds: number;
  capture_above_hold: 'refuse' | 'debit';
  /** What becomes of credits that are clawed back and spent already: owed, or written off at once. */
  reversal: 'debt' | 'write_off';
  hold_max_seconds: number;
  /** Whose hours, days, weeks and months tiers count in. */
  time_zone: string;
  /** Somebody wants to be told when what is available falls below this. */
  alert_below: bigint | null;
  /** And when it rises to this. */
  alert_above: bigint | null;
  /** Somebody looks at the wallet anew when what is available falls below this, */
  watch_below: bigint | null;
  /** or rises to this. */
  watch_above: bigint | null;
  has_budgets: boolean;
  /** The earliest deadline of an open hold that is not in the state; null when there is none. */
  next_hold_at: Instant | null;
}

/**
 * A wallet under its lock: the lots that have something left and those that the command is about,
 * the holds that have lapsed and the one that is named, and what is to be reversed.
 */
export interface WalletState {
  wallet: Wallet;
  lots: readonly Lot[];
  holds: readonly Hold[];
  charges: readonly Charge[];
  clawed_lots: readonly ClawedLot[];
  clawbacks: readonly Clawback[];
  budgets: readonly Budget[];
  /** Of the windows that the command may count in; one that is not there is at zero. */
  counters: readonly Counter[];
}

/** Of a state of which no more was read than the wallet and its lots. */
export const NOTHING_NAMED: Omit<WalletState, 'wallet' | 'lots'> = {
  holds: [],
  charges: [],
  clawed_lots: [],
  clawbacks: [],
  budgets: [],
  counters: [],
};

/** A debit or capture, with what was given back of it so far. Lot 0 is what it added to the debt. */
export interface Charge extends Use {
  seq: bigint;
  /** When it was counted for budgets: a capture, when its hold was made. */
  counted_at: Instant;
  parts: readonly { lot: number; taken: bigint; refunded: bigint }[];
}

/** A lot, with what was clawed back of it so far, less what was reinstated. */
export interface ClawedLot {
  lot: number;
  /** The entry that granted the lot. */
  entry_seq: bigint;
  granted: bigint;
  clawed_back: bigint;
}

/** A clawback, with what was given back of it so far. */
export interface Clawback {
  seq: bigint;
  at: Instant;
  lot: number;
  amount: bigint;
  /** The part of the amount that became debt; the rest was removed from the lot. */
  owed: bigint;
  /** By a reinstatement all of it; before one, the debt that the wallet's policy wrote off at once. */
  returned: bigint;
}

export interface Leg {
  /** The lot's number; 0 for the wallet's debt. */
  lot: number;
  from: Bucket;
  to: Bucket;
  amount: bigint;
}

/** Who asked, through what and for whom. */
export interface Asked {
  actor_kind: 'person' | 'api_key' | 'payment' | 'job' | 'system';
  actor_id?: string | undefined;
  api_key_id?: string | undefined;
  on_behalf_of?: string | undefined;
}

/** Keeps callers apart and makes each command happen once: unique for ever in its wallet. */
export interface IdempotencyKey {
  namespace: string;
  key: string;
}

/** Free text beside an entry, which can be erased without touching the ledger. */
export interface Details {
  description?: string | undefined;
  reason?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
  request_id?: string | undefined;
}

export const ENTRY_KINDS = [
  'grant',
  'debit',
  'hold',
  'extension',
  'capture',
  'release',
  'refund',
  'expiry',
  'clawback',
  'reinstatement',
  'adjustment',
  'transfer_out',
  'transfer_in',
  'repayment',
  'write_off',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One event of one wallet, with all that it moved and how the wallet stood after it. */
export interface Entry {
  seq: bigint;
  kind: EntryKind;
  amount: bigint;
  /** What it would have cost, where the amount is another: see `waiver`. */
  list_amount: bigint | null;
  waiver: string | null;
  legs: readonly Leg[];
  available_after: bigint;
  held_after: bigint;
  debt_after: bigint;
  key: IdempotencyKey;
  /** The canonical request: the same key with other content is refused. */
  content: string;
  asked: Asked;
  at: Instant;
  occurred_at: Instant | null;
  operation: string | null;
  quantity: bigint | null;
  lines: readonly PricedLine[] | null;
  parent_seq: bigint | null;
  payment_id: string | null;
  details: Details | null;
}

/** What a debit or capture took, as a refund of it needs to know; undefined for other entries. */
export function chargeOf(entry: Entry, holds: readonly Hold[]): Charge | undefined {
  if (entry.kind !== 'debit' && entry.kind !== 'capture') return undefined;
  const taken = new Map<number, bigint>();
  for (const leg of entry.legs.filter(({ to }) => to === 'consumed')) {
    taken.set(leg.lot, (taken.get(leg.lot) ?? 0n) + leg.amount);
  }
  if (taken.size === 0) return undefined;
  const hold = holds.find(({ entry_seq }) => entry_seq === entry.parent_seq);
  const counted = entry.kind === 'capture' ? hold : undefined;
  return {
    seq: entry.seq,
    counted_at: counted?.created_at ?? entry.at,
    operation: entry.operation,
    asked: counted?.asked ?? entry.asked,
    parts: [...taken].map(([lot, amount]) => ({ lot, taken: amount, refunded: 0n })),
  };
}

/** By how much an entry changed the balance, which is available and held less debt. */
export function balanceChangeOf(legs: readonly Leg[]): bigint {
  return legs.reduce((sum, leg) => {
    const comes = countsAs(leg.to) * leg.amount;
    const goes = countsAs(leg.from) * leg.amount;
    return sum + comes - goes;
  }, 0n);
}

/** Debt counts too: a leg out of it raises what is owed, a leg into it pays some back. */
function countsAs(bucket: Bucket): bigint {
  return bucket === 'available' || bucket === 'held' || bucket === 'debt' ? 1n : 0n;
}
