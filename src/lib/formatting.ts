import { decimalCredits, decimalsOfColumn, formatCredits, plainCredits } from '../core/credits.ts';
import { formatMoney, formatPricePerCredit } from '../core/money.ts';

/** Whose eyes read a page: an IANA time zone and a BCP 47 locale. */
export interface Reader {
  time_zone: string;
  locale: string;
}

export const DEFAULT_READER: Reader = { time_zone: 'UTC', locale: 'en' };

/** What templates call as `it.show`: every figure and date of a page is written here. */
export type Show = ReturnType<typeof showFor>;

/** More readers than this begin the cache anew: formatters are slow to make and cheap to keep. */
const CACHED_READERS_MAX = 200;
const cachedDates = new Map<string, ReturnType<typeof datesFor>>();

/**
 * Everything that writes values for one reader. Credits and money look alike for all, since the
 * pages are in English; dates follow the reader's zone, and the reader's locale if it is English.
 */
export function showFor(reader: Reader) {
  return { ...FIGURES, ...datesOf(reader) };
}

const FIGURES = {
  /** Credits: "1,284.40", "−9.00"; with `plus`, "+15.00". */
  credits: formatCredits,
  /** Credits for a `value` attribute: "1284.4", "-9". */
  decimal: decimalCredits,
  /** The decimals that all rows of a column show. */
  decimals: decimalsOfColumn,
  /** Credits inside a sentence or a package's name: "500", but "0.50" when there is a fraction. */
  plain: plainCredits,
  /** Credits in two parts, for figures whose decimals step back: "−9" and ".00". */
  hero(micro: bigint) {
    const text = formatCredits(micro);
    const point = text.indexOf('.');
    return { whole: text.slice(0, point), fraction: text.slice(point) };
  },
  /** A sum of money in minor units: "$45.00". */
  money: (minor: bigint, currency: string) => formatMoney(minor, currency),
  /** What one credit costs: "$0.0818". */
  pricePerCredit: (minor: bigint, currency: string, creditsMicro: bigint) =>
    formatPricePerCredit(minor, currency, creditsMicro),
  /** A number of things: "1,200". */
  count: (n: bigint | number) => n.toLocaleString('en'),
  plural,
};

/**
 * The word for so many of a unit: "call" once, else "calls". Units that are signs (MB, min) never
 * change. A quantity may be a decimal string ("0.5").
 */
export function plural(unit: string, quantity: bigint | number | string): string {
  if (Number(quantity) === 1 || unit === 'min' || /[A-Z]$/.test(unit)) return unit;
  if (/[^aeiou]y$/.test(unit)) return `${unit.slice(0, -1)}ies`;
  return /(?:[sxz]|ch|sh)$/.test(unit) ? `${unit}es` : `${unit}s`;
}

function datesOf(reader: Reader) {
  const key = `${reader.time_zone} ${reader.locale}`;
  const cached = cachedDates.get(key);
  if (cached !== undefined) return cached;
  if (cachedDates.size >= CACHED_READERS_MAX) cachedDates.clear();
  const dates = datesFor(reader);
  cachedDates.set(key, dates);
  return dates;
}

function datesFor({ time_zone: timeZone, locale }: Reader) {
  // Plain English is written as a statement writes it: 20 November 2026.
  const words = locale.startsWith('en-') ? locale : 'en-GB';
  const formatter = (options: Intl.DateTimeFormatOptions, language = words) => {
    const format = new Intl.DateTimeFormat(language, { timeZone, ...options });
    return (at: Date) => format.format(at);
  };
  const date = formatter({ day: 'numeric', month: 'long', year: 'numeric' });
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const time = formatter(clock, 'en-GB');
  const seconds = formatter({ ...clock, second: '2-digit' }, 'en-GB');
  const dates = new Intl.DateTimeFormat(words, { timeZone, dateStyle: 'long' });
  return {
    /** "20 November 2026" */
    date,
    /** "20 Nov 2026", for tables. */
    shortDate: formatter({ day: 'numeric', month: 'short', year: 'numeric' }),
    /** "14 Dec" */
    dayOfMonth: formatter({ day: 'numeric', month: 'short' }),
    /** "24 October – 20 November 2026" */
    dateRange: (first: Date, last: Date) => dates.formatRange(first, last),
    /** "Fri 20 Nov" */
    weekday: formatter({ weekday: 'short', day: 'numeric', month: 'short' }),
    /** "Nov 2026" */
    shortMonth: formatter({ month: 'short', year: 'numeric' }),
    /** "November 2026" */
    month: formatter({ month: 'long', year: 'numeric' }),
    /** "Friday 20 November" */
    day: formatter({ weekday: 'long', day: 'numeric', month: 'long' }),
    /** "14:38" */
    time,
    /** "14:38:07" */
    seconds,
    /** "20 November 2026, 14:38" */
    dateTime: (at: Date) => `${date(at)}, ${time(at)}`,
    /** The instant for `<time datetime>`: "2026-11-20T13:38:00.000Z". */
    iso: (at: Date) => at.toISOString(),
    /** The reader's calendar day for `<time datetime>` and for grouping: "2026-11-20". */
    isoDay: formatter({ year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA'),
    /** How people call the zone: "Amsterdam", "Buenos Aires", "UTC". */
    zone: timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' '),
  };
}
