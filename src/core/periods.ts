import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.ts';

export const PERIODS = ['hour', 'day', 'week', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** From `starts_at` on, and no longer at `ends_at`. What lasts for all time has no end. */
export interface Window {
  starts_at: Instant;
  ends_at: Instant | null;
}

/** A window that has an end. */
export interface EndingWindow extends Window {
  ends_at: Instant;
}

const NANOSECONDS_PER_MICROSECOND = 1_000n;
const ALL_TIME: Window = { starts_at: 0n, ends_at: null };

/** The last window of each period and zone: asking a calendar takes longer than all else of a debit. */
const known = new Map<string, Window>();

/**
 * The hour, day, week (from Monday) or month that contains an instant, as a clock and a calendar in
 * the zone have it: days have 23 or 25 hours where the clock is changed, and hours begin where the
 * zone's own do. Windows of a period and zone follow each other without a gap.
 * @param zone an IANA time zone
 * @throws RangeError for a zone that there is not
 */
export function windowOf(period: Period, zone: string, instant: Instant): Window {
  if (period === 'all') return ALL_TIME;
  const name = `${period} ${zone}`;
  const last = known.get(name);
  if (last !== undefined && contains(last, instant)) return last;
  const found = period === 'hour' ? hourOf(zone, instant) : daysOf(period, zone, instant);
  known.set(name, found);
  return found;
}

/**
 * The windows of a period from the one that contains `from` to the one that contains the last moment
 * before `to`; undefined when they are more than `most`.
 * @throws RangeError for a zone that there is not
 */
export function windowsBetween(
  period: Exclude<Period, 'all'>,
  zone: string,
  { from, to }: { from: Instant; to: Instant },
  most: number,
): EndingWindow[] | undefined {
  const windows: EndingWindow[] = [];
  for (let moment = from; moment < to;) {
    const { starts_at, ends_at } = windowOf(period, zone, moment);
    if (ends_at === null || windows.length === most) return undefined;
    windows.push({ starts_at, ends_at });
    moment = ends_at;
  }
  return windows;
}

function contains({ starts_at, ends_at }: Window, instant: Instant): boolean {
  return starts_at <= instant && (ends_at === null || instant < ends_at);
}

/** Where a clock is changed by half an hour, an hour that begins before lasts until the next begins. */
function hourOf(zone: string, instant: Instant): Window {
  const start = startOfHour(zonedTime(zone, instant));
  const next = startOfHour(start.add({ hours: 1 }));
  const isSame = Temporal.ZonedDateTime.compare(next, start) === 0;
  const end = isSame ? startOfHour(start.add({ hours: 2 })) : next;
  return { starts_at: instantOfTime(start), ends_at: instantOfTime(end) };
}

function startOfHour(time: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return time.round({ smallestUnit: 'hour', roundingMode: 'floor' });
}

/** A date begins with its first moment, which is not midnight where the clock is changed at midnight. */
function daysOf(period: 'day' | 'week' | 'month', zone: string, instant: Instant): Window {
  const date = zonedTime(zone, instant).toPlainDate();
  const [first, next] = datesOf(period, date);
  return {
    starts_at: instantOfTime(first.toZonedDateTime(zone)),
    ends_at: instantOfTime(next.toZonedDateTime(zone)),
  };
}

function datesOf(
  period: 'day' | 'week' | 'month',
  date: Temporal.PlainDate,
): [first: Temporal.PlainDate, next: Temporal.PlainDate] {
  switch (period) {
    case 'day':
      return [date, date.add({ days: 1 })];
    case 'week': {
      const monday = date.subtract({ days: date.dayOfWeek - 1 });
      return [monday, monday.add({ days: 7 })];
    }
    case 'month': {
      const first = date.with({ day: 1 });
      return [first, first.add({ months: 1 })];
    }
  }
}

function zonedTime(zone: string, instant: Instant): Temporal.ZonedDateTime {
  const exact = Temporal.Instant.fromEpochNanoseconds(instant * NANOSECONDS_PER_MICROSECOND);
  return exact.toZonedDateTimeISO(zone);
}

function instantOfTime(time: Temporal.ZonedDateTime): Instant {
  return time.epochNanoseconds / NANOSECONDS_PER_MICROSECOND;
}
