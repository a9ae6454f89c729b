import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.ts';
import { type EndingWindow, windowOf } from './periods.ts';

/** A moment that a clock on the wall shows. */
export interface LocalMoment {
  instant: Instant;
  /**
   * The clock shows it twice, since it is put back then: this is the first time. Or never, since it
   * is put forward: this is as much later.
   */
  clock: 'plain' | 'twice' | 'never';
}

const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/;
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
/** What calendars are asked for; rollups and forms go no further. */
const YEARS = { first: 2000, last: 2199 };

/**
 * Reads what a field for a date and a time sends: "2026-10-25T02:30", as clocks in a zone show it.
 * Undefined for what is no such moment.
 * @param zone an IANA time zone
 */
export function momentIn(zone: string, text: string): LocalMoment | undefined {
  const local = MINUTE.test(text) ? dateTimeOf(text) : undefined;
  if (local === undefined || local.year < YEARS.first || local.year > YEARS.last) return undefined;
  const [first, second] = (['earlier', 'later'] as const).map((disambiguation) =>
    local.toZonedDateTime(zone, { disambiguation }),
  );
  if (first === undefined || second === undefined) return undefined;
  const isPlain = Temporal.ZonedDateTime.compare(first, second) === 0;
  const isShown = first.toPlainDateTime().equals(local);
  // Where a clock skips an hour, the earlier reading is before the gap and the later one after it.
  const chosen = isShown ? first : second;
  return {
    instant: chosen.epochNanoseconds / 1_000n,
    clock: isPlain ? 'plain' : isShown ? 'twice' : 'never',
  };
}

function dateTimeOf(text: string): Temporal.PlainDateTime | undefined {
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}

/** Reads a month, "2026-10", as calendars in a zone have it; undefined for what is none. */
export function monthIn(zone: string, text: string): EndingWindow | undefined {
  if (!MONTH.test(text)) return undefined;
  const first = Temporal.PlainDate.from(`${text}-01`);
  if (first.year < YEARS.first || first.year > YEARS.last) return undefined;
  const starts_at = first.toZonedDateTime(zone).epochNanoseconds / 1_000n;
  const { ends_at } = windowOf('month', zone, starts_at);
  return ends_at === null ? undefined : { starts_at, ends_at };
}

/** A moment as `momentIn` reads it, to the minute. */
export function momentText(zone: string, instant: Instant): string {
  return timeIn(zone, instant).toPlainDateTime().toString({ smallestUnit: 'minute' });
}

/** The month in which a moment lies, as `monthIn` reads it. */
export function monthText(zone: string, instant: Instant): string {
  return timeIn(zone, instant).toPlainDate().toPlainYearMonth().toString();
}

/** The months from one to another, the last first, as `monthIn` reads them; so many at most. */
export function monthsBack(first: string, last: string, most: number): string[] {
  const months: string[] = [];
  let month = Temporal.PlainYearMonth.from(last);
  while (months.length < most && month.toString() >= first) {
    months.push(month.toString());
    month = month.subtract({ months: 1 });
  }
  return months;
}

function timeIn(zone: string, instant: Instant): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochNanoseconds(instant * 1_000n).toZonedDateTimeISO(zone);
}
