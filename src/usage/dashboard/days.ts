import type { Instant } from '../../core/instant.ts';
import type { DailyUse } from '../../ledger/daily-use.ts';

const HALF_DAY = 43_200_000_000n;

/** To the millisecond, for what writes dates. */
export function dateOf(at: Instant): Date {
  return new Date(Number(at / 1_000n));
}

/** When the day of a `DailyUse` began that is not over. */
export function todayOf({ days }: DailyUse): Instant {
  return days.at(-1)?.starts_at ?? 0n;
}

/** The noon of a day so many after today: the day itself, whatever is done to clocks until then. */
export function noonOf(use: DailyUse, day: number): Date {
  return dateOf(todayOf(use) + HALF_DAY + BigInt(day) * 2n * HALF_DAY);
}

/** How many days from today a moment is. */
export function daysUntil(use: DailyUse, at: Instant): number {
  return Number((at - todayOf(use)) / (2n * HALF_DAY));
}
