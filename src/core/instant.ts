/**
 * A moment in microseconds since 1970 UTC, as exact as PostgreSQL keeps it: two entries of one
 * wallet can be a microsecond apart, which a Date would lose.
 */
export type Instant = bigint;

export const MICROSECONDS_PER_SECOND = 1_000_000n;
const DAY_MICROSECONDS = 86_400n * MICROSECONDS_PER_SECOND;

export function instantOf(date: Date): Instant {
  return BigInt(date.getTime()) * 1_000n;
}

/** An instant for what takes milliseconds, rounded down. */
export function dateOf(instant: Instant): Date {
  return new Date(Number(instant / 1_000n));
}

/** So many days after a moment; null when never. */
export function daysAfter(date: Date, days: number | null): Instant | null {
  return days === null ? null : instantOf(date) + BigInt(days) * DAY_MICROSECONDS;
}

/** As RFC 3339 in UTC, with all six decimals: "2026-11-20T09:30:00.000001Z". */
export function rfc3339(instant: Instant): string {
  const truncated = instant / 1_000n;
  // Before 1970, division goes up.
  const milliseconds = truncated * 1_000n > instant ? truncated - 1n : truncated;
  const rest = String(instant - milliseconds * 1_000n).padStart(3, '0');
  return `${new Date(Number(milliseconds)).toISOString().slice(0, -1)}${rest}Z`;
}

/** What four digits can tell of years. */
const YEARS = {
  from: instantOf(new Date('0000-01-01T00:00:00Z')),
  below: instantOf(new Date('9999-12-31T23:59:59Z')) + MICROSECONDS_PER_SECOND,
};

const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Reads RFC 3339 with up to six decimals; undefined for anything else, the 30th of February too. */
export function parseRfc3339(text: string): Instant | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, day = '', time = '', fraction = '', sign, hours, minutes] = match;
  const local = new Date(`${day}T${time}Z`);
  if (Number.isNaN(local.getTime()) || local.toISOString() !== `${day}T${time}.000Z`)
    return undefined;
  const offset = BigInt(hours ?? 0) * 3_600n + BigInt(minutes ?? 0) * 60n;
  const shift = (sign === '-' ? offset : -offset) * MICROSECONDS_PER_SECOND;
  const instant = instantOf(local) + BigInt(fraction.padEnd(6, '0')) + shift;
  return instant >= YEARS.from && instant < YEARS.below ? instant : undefined;
}
