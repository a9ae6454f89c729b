import type { Refusal } from '../../../src/core/commands.ts';
import type { Bucket, EntryKind } from '../../../src/core/wallet.ts';

export interface NaiveLot {
  number: number;
  entry_seq: bigint;
  priority: number;
  expires_at: bigint | null;
  operations: readonly string[] | null;
  granted: bigint;
  available: bigint;
  held: bigint;
  consumed: bigint;
  expired: bigint;
  removed: bigint;
}

export interface NaiveHold {
  id: string;
  entry_seq: bigint;
  operation: string;
  /** What is still held of the quantity. */
  quantity: bigint;
  created_at: bigint;
  expires_at: bigint;
  expires_at_most: bigint;
  open: boolean;
  /** Nothing was charged for it, since the wallet is unlimited: then it stays open until it is ended. */
  of_nothing: boolean;
  parts: { lot: number; amount: bigint; captured: bigint; released: bigint }[];
}

export interface NaiveEntry {
  seq: bigint;
  at: bigint;
  kind: EntryKind;
  amount: bigint;
  list_amount: bigint | null;
  legs: { lot: number; from: Bucket; to: Bucket; amount: bigint }[];
  parent_seq: bigint | null;
  available_after: bigint;
  held_after: bigint;
  debt_after: bigint;
}

export interface NaivePolicies {
  frozen: boolean;
  unlimited: boolean;
  overdraft_limit: bigint;
  refund_to_expired_lot: 'expire' | 'grace_lot';
  grace_seconds: number;
  capture_above_hold: 'refuse' | 'debit';
  reversal: 'debt' | 'write_off';
  hold_max_seconds: number;
  /** What is included of each operation an hour; 0 when its price does not depend on use. */
  included: bigint;
  /** A hard budget for `work`, by the hour. */
  budget: { id: string; limit: bigint } | null;
}

export type NaiveAnswer =
  | {
      outcome: 'done';
      replayed: boolean;
      seq: bigint;
      amount_micro: bigint;
      available_after: bigint;
    }
  | { outcome: 'refused'; refusal: Refusal };

export interface NaiveWallet {
  policies: NaivePolicies;
  lots: NaiveLot[];
  holds: NaiveHold[];
  debt: bigint;
  last_seq: bigint;
  last_at: bigint;
  /** What each debit and capture took of which lot and has not been given back. Lot 0 is debt. */
  charges: {
    seq: bigint;
    operation: string;
    used_at: bigint;
    parts: { lot: number; left: bigint }[];
  }[];
  /** What was used, in its hour; what came back is below zero. */
  uses: { hour: bigint; operation: string; amount: bigint; quantity: bigint }[];
  /** What was clawed back, with the part of it that became debt and what of it came back. */
  clawbacks: {
    seq: bigint;
    at: bigint;
    lot: number;
    amount: bigint;
    owed: bigint;
    returned: bigint;
    undone: boolean;
  }[];
  used_keys: { key: string; content: string; answer: NaiveAnswer }[];
  /** What the last command wrote. */
  written: NaiveEntry[];
}

export function naiveWallet(policies: NaivePolicies, last_at: bigint): NaiveWallet {
  return {
    policies,
    lots: [],
    holds: [],
    debt: 0n,
    last_seq: 0n,
    last_at,
    charges: [],
    uses: [],
    clawbacks: [],
    used_keys: [],
    written: [],
  };
}

export function addLot(
  wallet: NaiveWallet,
  priority: number,
  expires_at: bigint | null,
  operations: readonly string[] | null,
  granted: bigint,
): NaiveLot {
  const empty = { available: 0n, held: 0n, consumed: 0n, expired: 0n, removed: 0n };
  const number = wallet.lots.length + 1;
  const entry_seq = wallet.last_seq + 1n;
  const lot = { number, entry_seq, priority, expires_at, operations, granted, ...empty };
  wallet.lots.push(lot);
  return lot;
}

export function write(
  wallet: NaiveWallet,
  now: bigint,
  kind: EntryKind,
  amount: bigint,
  legs: NaiveEntry['legs'],
  parent_seq: bigint | null = null,
  list_amount: bigint | null = null,
): bigint {
  for (const one of legs) {
    if (one.lot === 0) {
      wallet.debt += one.from === 'debt' ? one.amount : -one.amount;
      continue;
    }
    const lot = lotOf(wallet, one.lot);
    if (one.from !== 'outside' && one.from !== 'debt') lot[one.from] -= one.amount;
    if (one.to !== 'outside' && one.to !== 'debt') lot[one.to] += one.amount;
  }
  wallet.last_seq += 1n;
  wallet.last_at = nextAt(wallet, now);
  wallet.written.push({
    seq: wallet.last_seq,
    at: wallet.last_at,
    kind,
    amount,
    list_amount,
    legs,
    parent_seq,
    available_after: total(wallet, 'available'),
    held_after: total(wallet, 'held'),
    debt_after: wallet.debt,
  });
  return wallet.last_seq;
}

/** When the next entry is written. */
export function nextAt({ last_at }: NaiveWallet, now: bigint): bigint {
  return now > last_at ? now : last_at + 1n;
}

/** Remembers an entry as one that can be refunded, if it took anything. */
export function charge(
  wallet: NaiveWallet,
  seq: bigint,
  operation: string,
  used_at: bigint,
): bigint {
  const legs = wallet.written.find((entry) => entry.seq === seq)?.legs ?? [];
  const parts = legs.map((one) => ({ lot: one.lot, left: one.amount }));
  if (parts.length > 0) wallet.charges.push({ seq, operation, used_at, parts });
  return seq;
}

/** Looks for the best lot again and again. What is due was settled before, so none is expired. */
export function takeInOrder(
  wallet: NaiveWallet,
  amount: bigint,
  isGood: (lot: NaiveLot) => boolean,
): { lot: number; amount: bigint }[] {
  const taken: { lot: number; amount: bigint }[] = [];
  let missing = amount;
  while (missing > 0n) {
    let best: NaiveLot | undefined;
    for (const lot of wallet.lots) {
      if (lot.available === 0n || !isGood(lot)) continue;
      if (taken.some((one) => one.lot === lot.number)) continue;
      if (best === undefined || burnsBefore(lot, best)) best = lot;
    }
    if (best === undefined) throw new Error('the naive ledger ran out of lots');
    const part = least(best.available, missing);
    taken.push({ lot: best.number, amount: part });
    missing -= part;
  }
  return taken;
}

function burnsBefore(one: NaiveLot, other: NaiveLot): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  if (one.expires_at === other.expires_at) return one.number < other.number;
  if (one.expires_at === null) return false;
  return other.expires_at === null || one.expires_at < other.expires_at;
}

export function openHold(wallet: NaiveWallet, id: string): NaiveHold | Refusal {
  const found = wallet.holds.find((one) => one.id === id);
  if (found === undefined) return { code: 'hold_unknown' };
  if (found.open) return found;
  const captured = found.parts.reduce((all, part) => all + part.captured, 0n);
  const released = found.parts.reduce((all, part) => all + part.released, 0n);
  return { code: 'hold_closed', captured, released };
}

export function lotOf(wallet: NaiveWallet, number: number): NaiveLot {
  const lot = wallet.lots[number - 1];
  if (lot === undefined) throw new Error(`the naive ledger has no lot ${number}`);
  return lot;
}

export function total(wallet: NaiveWallet, bucket: 'available' | 'held'): bigint {
  return wallet.lots.reduce((all, lot) => all + lot[bucket], 0n);
}

export function leg(
  lot: number,
  from: Bucket,
  to: Bucket,
  amount: bigint,
): NaiveEntry['legs'][number] {
  return { lot, from, to, amount };
}

export const leftOf = (part: NaiveHold['parts'][number]): bigint =>
  part.amount - part.captured - part.released;
export const sum = (legs: NaiveEntry['legs']): bigint =>
  legs.reduce((all, one) => all + one.amount, 0n);
export const isOver = (lot: NaiveLot, now: bigint): boolean =>
  lot.expires_at !== null && lot.expires_at <= now;
export const seconds = (count: bigint): bigint => count * 1_000_000n;
export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

export const order = (one: string, other: string): number => (one < other ? -1 : 1);
