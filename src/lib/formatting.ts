import {
  type CreditsFormat,
  decimalCredits,
  decimalsOf,
  decimalsOfColumn,
  formatCredits,
} from '../core/credits.ts';
import { formatMoney, formatPricePerCredit } from '../core/money.ts';

/** Whose eyes read a page: an IANA time zone, and the BCP 47 locale of figures and dates. */
export interface Reader {
  time_zone: string;
  locale: string;
}

export const DEFAULT_READER: Reader = { time_zone: 'UTC', locale: 'en' };

/** What templates call as `it.show`: every figure and date of a page is written here. */
export type Show = ReturnType<typeof showFor>;

/** More readers than this begin the cache anew: formatters are slow to make and cheap to keep. */
const CACHED_READERS_MAX = 200;
const cached = new Map<string, ReturnType<typeof makeFor>>();

/**
 * Everything that writes values for one reader. The pages are in English, and so are the names of
 * months and days; signs and order of figures and dates follow the reader's locale.
 */
export function showFor(reader: Reader) {
  const key = `${reader.time_zone} ${reader.locale}`;
  const known = cached.get(key);
  if (known !== undefined) return known;
  if (cached.size >= CACHED_READERS_MAX) cached.clear();
  const made = makeFor(reader);
  cached.set(key, made);
  return made;
}

function makeFor(reader: Reader) {
  return { ...figuresFor(reader.locale), ...datesFor(reader) };
}

function figuresFor(locale: string) {
  const { decimalSign, separated } = numbersFor(locale);
  const credits = (micro: bigint, format?: CreditsFormat): string =>
    separated(formatCredits(micro, format));
  return {
    /** Credits: "1,284.40", "−9.00"; with `plus`, "+15.00". */
    credits,
    /** Credits for a `value` attribute: "1284.4", "-9". */
    decimal: decimalCredits,
    /** The decimals that all rows of a column show. */
    decimals: decimalsOfColumn,
    /** Credits inside a sentence or a package's name: "500", but "0.50" when there is a fraction. */
    plain: (micro: bigint): string => {
      const text = credits(micro);
      return text.endsWith(`${decimalSign}00`) ? text.slice(0, -3) : text;
    },
    /** Credits in two parts, for figures whose decimals step back: "−9" and ".00". */
    hero(micro: bigint) {
      const text = credits(micro);
      const point = text.length - decimalsOf(micro) - decimalSign.length;
      return { whole: text.slice(0, point), fraction: text.slice(point) };
    },
    /** A sum of money in minor units: "$45.00", "−$9.00". */
    money: (minor: bigint, currency: string): string =>
      formatMoney(minor, currency, locale).replace('-', '−'),
    /** What one credit costs: "$0.0818". */
    pricePerCredit: (minor: bigint, currency: string, creditsMicro: bigint): string =>
      formatPricePerCredit(minor, currency, creditsMicro, locale),
    /** A number of things: "1,200". */
    count: (n: bigint | number): string => separated(n.toLocaleString('en')),
    plural,
  };
}

/**
 * How a locale writes what English writes as "1,284.40". Figures stay in Latin digits, as the rest
 * of the page is in English.
 */
function numbersFor(locale: string) {
  const whole = new Intl.NumberFormat(locale, { numberingSystem: 'latn', useGrouping: 'always' });
  const decimalSign =
    new Intl.NumberFormat(locale, { numberingSystem: 'latn', minimumFractionDigits: 1 })
      .formatToParts(0.5)
      .find(({ type }) => type === 'decimal')?.value ?? '.';
  const isEnglish = decimalSign === '.' && whole.format(12_345_678) === '12,345,678';
  const separated = (text: string): string => {
    if (isEnglish) return text;
    return text.replace(/^(\D*)([\d,]+)(?:\.(\d+))?/, (_, mark: string, digits, fraction) => {
      const written = whole.format(BigInt(String(digits).replaceAll(',', '')));
      return `${mark}${written}${fraction === undefined ? '' : `${decimalSign}${String(fraction)}`}`;
    });
  };
  return { decimalSign, separated };
}

/**
 * The word for so many of a unit: "call" once, else "calls". Units that are signs (MB, min) never
 * change. A quantity may be a decimal string ("0.5").
 */
export function plural(unit: string, quantity: bigint | number | string): string {
  if (Number(quantity) === 1 || unit === 'min' || /[A-Z]$/.test(unit)) return unit;
  if (/[^aeiou]y$/.test(unit)) return `${unit.slice(0, -1)}ies`;
  return /(?:[sxz]|ch|sh)$/.test(unit) ? `${unit}es` : `${unit}s`;
}

/** A page writes the same days several times, and the next page the same ones again. */
const REMEMBERED_MOST = 100;

function remembered(write: (at: Date) => string): (at: Date) => string {
  const known = new Map<number, string>();
  return (at) => {
    const time = at.getTime();
    const before = known.get(time);
    if (before !== undefined) return before;
    if (known.size >= REMEMBERED_MOST) known.clear();
    const written = write(at);
    known.set(time, written);
    return written;
  };
}

function datesFor({ time_zone: timeZone, locale }: Reader) {
  // Plain English is written as a statement writes it: 20 November 2026.
  const words = locale.startsWith('en-') ? locale : 'en-GB';
  const formatter = (options: Intl.DateTimeFormatOptions, language = words) => {
    const format = new Intl.DateTimeFormat(language, { timeZone, ...options });
    return remembered((at) => format.format(at));
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
    /** "Thursday" */
    weekdayName: formatter({ weekday: 'long' }),
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
