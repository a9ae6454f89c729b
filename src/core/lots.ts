import { least } from './credits.ts';
import type { Instant } from './instant.ts';

export const LOT_SOURCES = [
  'purchase',
  'bonus',
  'plan',
  'rollover',
  'welcome',
  'reward',
  'promo',
  'adjustment',
  'transfer',
  'import',
] as const;
export type LotSource = (typeof LOT_SOURCES)[number];

/** Credits granted together. What was granted is always the sum of the five amounts after it. */
export interface Lot {
  /** From 1 in each wallet. */
  number: number;
  entry_seq: bigint;
  source: LotSource;
  priority: number;
  granted_at: Instant;
  expires_at: Instant | null;
  granted: bigint;
  available: bigint;
  held: bigint;
  consumed: bigint;
  expired: bigint;
  removed: bigint;
  /** What was paid for it, net of tax, in minor units. */
  cost_minor: bigint;
  currency: string | null;
  payment_id: string | null;
  /** Of a plan's credits: the subscription whose period they are for. */
  subscription_id: string | null;
  /** The only operations that may burn it; null for all. */
  operations: readonly string[] | null;
}

/** Promotional credits burn first, then a plan's, then what was bought. */
export function priorityOf(source: LotSource): number {
  switch (source) {
    case 'purchase':
    case 'transfer':
    case 'import':
      return 30;
    case 'plan':
    case 'rollover':
      return 20;
    case 'bonus':
    case 'welcome':
    case 'reward':
    case 'promo':
    case 'adjustment':
      return 10;
  }
}

/** The order in which lots burn: priority, earliest expiry (never is last), oldest. */
export function burnOrder(one: Lot, other: Lot): number {
  return (
    one.priority - other.priority ||
    compareExpiry(one.expires_at, other.expires_at) ||
    one.number - other.number
  );
}

/** A lot is spent from until its expiry, and not at that instant. */
export function isExpired(lot: Lot, now: Instant): boolean {
  return lot.expires_at !== null && lot.expires_at <= now;
}

/** A lot limited to operations is skipped for all others, and for what is no operation at all. */
export function isFor(lot: Lot, operation: string | null): boolean {
  if (lot.operations === null) return true;
  return operation !== null && lot.operations.includes(operation);
}

/** What `operation` could spend of these lots at `now`. */
export function availableFor(lots: readonly Lot[], operation: string | null, now: Instant): bigint {
  return lots
    .filter((lot) => isFor(lot, operation) && !isExpired(lot, now))
    .reduce((sum, lot) => sum + lot.available, 0n);
}

export interface Taken {
  lot: number;
  amount: bigint;
}

/**
 * Takes `amount` from the lots that `operation` may burn, in burn order.
 * Throws when they hold less: the caller has asked `availableFor` before.
 */
export function burn(
  lots: readonly Lot[],
  amount: bigint,
  operation: string | null,
  now: Instant,
): Taken[] {
  const taken: Taken[] = [];
  let missing = amount;
  for (const lot of [...lots].sort(burnOrder)) {
    if (missing === 0n) break;
    if (lot.available === 0n || isExpired(lot, now) || !isFor(lot, operation)) continue;
    const part = least(lot.available, missing);
    taken.push({ lot: lot.number, amount: part });
    missing -= part;
  }
  if (missing > 0n)
    throw new Error(`the lots lack ${missing} micro-credits of what is to be burnt`);
  return taken;
}

function compareExpiry(one: Instant | null, other: Instant | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}
