import { least } from './credits.ts';
import type { Instant } from './instant.ts';
import type { Asked, Waiver } from './wallet.ts';

/** What a hold has pinned of one lot, in the order in which the lots were taken. */
export interface HoldLot {
  lot: number;
  position: number;
  amount: bigint;
  captured: bigint;
  released: bigint;
}

/** Credits set apart for work in progress. What is left of it is open until its deadline. */
export interface Hold {
  id: string;
  entry_seq: bigint;
  operation: string | null;
  /** Who made it. */
  asked: Asked;
  /** What is held of the quantity, where tiers count it; 0 where none do. */
  quantity: bigint;
  /** It was made in an unlimited wallet and is of nothing: what is captured of it costs nothing. */
  waiver: Waiver | null;
  amount: bigint;
  captured: bigint;
  released: bigint;
  created_at: Instant;
  /** The deadline: from this instant on nothing can be captured. */
  expires_at: Instant;
  /** Extensions end here. */
  expires_at_most: Instant;
  open: boolean;
  lots: readonly HoldLot[];
}

export function remainderOf(hold: Pick<Hold, 'amount' | 'captured' | 'released'>): bigint {
  return hold.amount - hold.captured - hold.released;
}

/** A hold that is over its deadline has lapsed, whether or not a job has run. */
export function hasLapsed(hold: Hold, now: Instant): boolean {
  return hold.open && hold.expires_at <= now;
}

/** A hold as it is told: what has lapsed came back, whether or not that is written yet. */
export function holdAt(hold: Hold, now: Instant): Hold {
  if (!hasLapsed(hold, now)) return hold;
  return settleHold(hold, partsOfHold(hold, remainderOf(hold)), 'released');
}

/** The parts of a hold's lots that make up `amount`, in the order in which they were taken. */
export function partsOfHold(hold: Hold, amount: bigint): { lot: number; amount: bigint }[] {
  const parts: { lot: number; amount: bigint }[] = [];
  let missing = amount;
  for (const one of [...hold.lots].sort((a, b) => a.position - b.position)) {
    const left = remainderOf(one);
    if (missing === 0n || left === 0n) continue;
    const part = least(left, missing);
    parts.push({ lot: one.lot, amount: part });
    missing -= part;
  }
  if (missing > 0n) throw new Error(`hold ${hold.id} lacks ${missing} micro-credits`);
  return parts;
}

/** The hold after parts of it were captured or released. It closes when nothing is left. */
export function settleHold(
  hold: Hold,
  parts: readonly { lot: number; amount: bigint }[],
  as: 'captured' | 'released',
): Hold {
  const lots = hold.lots.map((one) => {
    const part = parts.find(({ lot }) => lot === one.lot);
    return part === undefined ? one : { ...one, [as]: one[as] + part.amount };
  });
  const sum = parts.reduce((total, part) => total + part.amount, 0n);
  const settled = { ...hold, lots, [as]: hold[as] + sum };
  return { ...settled, open: remainderOf(settled) > 0n };
}
