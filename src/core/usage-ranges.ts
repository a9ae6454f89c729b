import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.ts';
import { type EndingWindow, windowsBetween } from './periods.ts';

/** Calendar days of some zone, the last one included: "2026-10-24" to "2026-11-20". */
export interface DayRange {
  from: string;
  to: string;
}

export const RANGES = ['7', '28', '90', 'month', 'last-month'] as const;
/** The last so many days with today, this month so far, the month before. */
export type RangeName = (typeof RANGES)[number];

/** Ten years, with their leap days. */
export const RANGE_DAYS_MAX = 3_653;

/** The first day that can be asked for, and the last. */
export const FIRST_DAY = '2000-01-01';
export const LAST_DAY = '2199-12-31';

/** Whether a text is a day that there is, between those that can be asked for. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < FIRST_DAY || text > LAST_DAY) return false;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= Temporal.PlainYearMonth.from({ year, month }).daysInMonth;
}

/** The day that it is in a zone. */
export function dayAt(zone: string, instant: Instant): string {
  const exact = Temporal.Instant.fromEpochNanoseconds(instant * 1_000n);
  return exact.toZonedDateTimeISO(zone).toPlainDate().toString();
}

export function rangeNamed(name: RangeName, today: string): DayRange {
  const day = Temporal.PlainDate.from(today);
  switch (name) {
    case 'month':
      return { from: day.with({ day: 1 }).toString(), to: today };
    case 'last-month': {
      const last = day.with({ day: 1 }).subtract({ days: 1 });
      return { from: last.with({ day: 1 }).toString(), to: last.toString() };
    }
    default:
      return { from: daysLater(today, 1 - Number(name)), to: today };
  }
}

/** So many days later; earlier, when they are negative. */
export function daysLater(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}

/** How many days a range has, both ends included. */
export function daysIn({ from, to }: DayRange): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days + 1;
}

/** From the first moment of the first day until the first after the last. */
export function windowOfDays(zone: string, { from, to }: DayRange): EndingWindow {
  return { starts_at: startOf(zone, from), ends_at: startOf(zone, daysLater(to, 1)) };
}

export type BucketUnit = 'hour' | 'day' | 'week' | 'month';

/** So that there are neither few bars nor many: at most 93. */
export function bucketUnitFor(days: number): BucketUnit {
  if (days <= 2) return 'hour';
  if (days <= 93) return 'day';
  return days <= 93 * 7 ? 'week' : 'month';
}

/** More hours, days, weeks or months than a range can have. */
const BUCKETS_MAX = 200;

/** A part of a range, and the part of as many days at the same place of the range before. */
export interface ComparedBucket {
  now: EndingWindow;
  before: EndingWindow;
}

/**
 * The parts of a range and beside each the one so many days before as the range has. Of a week or
 * month at an end there is what lies inside. Hours go by their number: where a day has 23 or 25 of
 * them, the last one has what is left.
 */
export function bucketsOf(zone: string, range: DayRange): ComparedBucket[] {
  const days = daysIn(range);
  const unit = bucketUnitFor(days);
  const earlier = { from: daysLater(range.from, -days), to: daysLater(range.from, -1) };
  const before = partsOf(unit, zone, earlier);
  const now = partsOf(unit, zone, range);
  if (unit !== 'hour') {
    const shifted = (at: Instant): Instant => startOf(zone, daysLater(dayAt(zone, at), -days));
    return now.map((part) => ({
      now: part,
      before: { starts_at: shifted(part.starts_at), ends_at: shifted(part.ends_at) },
    }));
  }
  const end = before.at(-1)?.ends_at ?? 0n;
  return now.map((part, index) => {
    const { starts_at, ends_at } = before[index] ?? { starts_at: end, ends_at: end };
    const isLast = index === now.length - 1;
    return { now: part, before: { starts_at, ends_at: isLast ? end : ends_at } };
  });
}

function partsOf(unit: BucketUnit, zone: string, range: DayRange): EndingWindow[] {
  const { starts_at, ends_at } = windowOfDays(zone, range);
  const windows = windowsBetween(unit, zone, { from: starts_at, to: ends_at }, BUCKETS_MAX);
  if (windows === undefined) throw new Error(`${daysIn(range)} days have too many of a ${unit}`);
  return windows.map((window) => ({
    starts_at: window.starts_at < starts_at ? starts_at : window.starts_at,
    ends_at: window.ends_at > ends_at ? ends_at : window.ends_at,
  }));
}

function startOf(zone: string, day: string): Instant {
  return Temporal.PlainDate.from(day).toZonedDateTime(zone).epochNanoseconds / 1_000n;
}
