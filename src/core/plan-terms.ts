import { Temporal } from 'temporal-polyfill';
import { least } from './credits.ts';
import type { Instant } from './instant.ts';
import type { EndingWindow } from './periods.ts';

export type PlanPeriod = 'month' | 'year';

/** What a subscription gives and costs for one period. */
export interface PlanTerms {
  plan_id: string;
  /** Of each month; null: unlimited. */
  credits_micro: bigint | null;
  period: PlanPeriod;
  price_minor: bigint;
  currency: string;
}

const MONTHS: Record<PlanPeriod, number> = { month: 1, year: 12 };
const NANOSECONDS_PER_MICROSECOND = 1_000n;

/** The credits of a whole period: what is paid at once is granted at once. Null: unlimited. */
export function creditsOfPeriod({
  credits_micro,
  period,
}: Pick<PlanTerms, 'credits_micro' | 'period'>): bigint | null {
  return credits_micro === null ? null : credits_micro * BigInt(MONTHS[period]);
}

/**
 * The period that contains a moment, of those that follow each other from an anchor on: months and
 * years of the calendar in UTC, as Stripe counts them. Those that begin on the 31st begin on the
 * last day of a shorter month, and on the 31st again after it.
 */
export function planPeriodAt(anchor: Instant, period: PlanPeriod, at: Instant): EndingWindow {
  if (at < anchor) throw new Error('a plan has no period before it began');
  const begin = Temporal.Instant.fromEpochNanoseconds(
    anchor * NANOSECONDS_PER_MICROSECOND,
  ).toZonedDateTimeISO('UTC');
  const after = (months: number): Instant =>
    begin.add({ months }).epochNanoseconds / NANOSECONDS_PER_MICROSECOND;
  const now = Temporal.Instant.fromEpochNanoseconds(
    at * NANOSECONDS_PER_MICROSECOND,
  ).toZonedDateTimeISO('UTC');
  const length = MONTHS[period];
  const calendarMonths = (now.year - begin.year) * 12 + (now.month - begin.month);
  let months = calendarMonths - (calendarMonths % length);
  if (after(months) > at) months -= length;
  return { starts_at: after(months), ends_at: after(months + length) };
}

/** How much of what a period has left over is granted again with the next one. */
export function rolloverOf(left_micro: bigint, cap_micro: bigint | null): bigint {
  return cap_micro === null ? 0n : least(left_micro, cap_micro);
}

/**
 * How a subscription gets from one price to another. An upgrade holds at once and is paid for at
 * once; a downgrade holds when the period that is paid for is over. Nobody goes from a year to
 * months before the year is over, nor into another currency, nor to a year that costs less than the
 * month that it would begin in.
 */
export type PlanChange = 'none' | 'upgrade' | 'downgrade' | 'after_the_year' | 'other_currency';

export function changeBetween(now: PlanTerms, next: PlanTerms): PlanChange {
  if (now.currency !== next.currency) return 'other_currency';
  if (now.plan_id === next.plan_id && now.period === next.period) return 'none';
  if (now.period === 'year' && next.period === 'month') return 'after_the_year';
  if (next.price_minor > now.price_minor) return 'upgrade';
  return now.period === next.period ? 'downgrade' : 'none';
}

/** Which part of the period that is paid for was still to come: `rest` of `whole`, in seconds. */
export interface Remaining {
  rest: bigint;
  whole: bigint;
}

/**
 * What an upgrade in the middle of a period grants: the new plan's credits for the time that was
 * bought less the old one's for the time that was left, rounded down. Nothing of it was paid for
 * otherwise, so if less was paid than this costs, as much less is granted. What is unlimited counts
 * as no credits: going over to an unlimited plan is null, coming from one gives nothing back.
 */
export function upgradeCredits(
  now: PlanTerms,
  next: PlanTerms,
  { rest, whole }: Remaining,
  paid_minor: bigint,
): bigint | null {
  if (rest < 0n || rest > whole || whole <= 0n) throw new Error('an upgrade lies in its period');
  const granted = creditsOfPeriod(next);
  if (granted === null) return null;
  const bought = next.period === now.period ? rest : whole;
  const credits = granted * bought - (creditsOfPeriod(now) ?? 0n) * rest;
  const price = next.price_minor * bought - now.price_minor * rest;
  if (credits <= 0n || price <= 0n || paid_minor <= 0n) return 0n;
  return least(credits / whole, (credits * paid_minor) / price);
}
