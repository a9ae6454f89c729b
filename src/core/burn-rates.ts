import { MICRO_PER_CREDIT } from './credits.ts';

/** A rate is told of so many whole days, four of each weekday, or fewer when use began later. */
export const RATE_DAYS = 28;
/** With fewer whole days there is no rate: one busy morning would be taken for a habit. */
export const RATE_DAYS_LEAST = 3;

/** What was spent on whole days that follow each other, less what came back. */
export interface BurnRate {
  spent_micro: bigint;
  days: number;
}

/**
 * The whole days that a rate rests on: the last 28, or those since the first on which anything was
 * spent when nothing was before.
 * @param days what was spent on each of the last 56 whole days, the last of them yesterday
 */
export function historyOf(days: readonly bigint[]): bigint[] {
  const [earlier, last] = [days.slice(0, -RATE_DAYS), days.slice(-RATE_DAYS)];
  if (earlier.some((spent) => spent !== 0n)) return last;
  const first = last.findIndex((spent) => spent !== 0n);
  return first < 0 ? [] : last.slice(first);
}

/** Undefined when too few days are known. More may have come back than was spent: that is no use. */
export function burnRateOf(history: readonly bigint[]): BurnRate | undefined {
  if (history.length < RATE_DAYS_LEAST) return undefined;
  const sum = history.reduce((all, spent) => all + spent, 0n);
  return { spent_micro: sum > 0n ? sum : 0n, days: history.length };
}

/** An average day, to the hundredth of a credit: an estimate has no more decimals than people read. */
export function averageDayOf({ spent_micro, days }: BurnRate): bigint {
  const hundredth = MICRO_PER_CREDIT / 100n;
  const divisor = BigInt(days) * hundredth;
  return ((2n * spent_micro + divisor) / (2n * divisor)) * hundredth;
}

/** For how many days an amount is enough on average, rounded to the nearest; undefined without use. */
export function daysThatLast(micro: bigint, { spent_micro, days }: BurnRate): number | undefined {
  if (spent_micro === 0n) return undefined;
  return Number((2n * micro * BigInt(days) + spent_micro) / (2n * spent_micro));
}

/** Whether an amount is less than what so many average days take. Exact. */
export function isLessThanDays(micro: bigint, rate: BurnRate, days: bigint): boolean {
  return micro * BigInt(rate.days) < rate.spent_micro * days;
}
