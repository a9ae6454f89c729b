import type { Instant } from '../core/instant.ts';

/** What a column of an array parameter may hold; undefined and null are both NULL. */
export type Value = string | number | bigint | boolean | null | undefined;

/**
 * A PostgreSQL array in its text form. The driver's own way looks at each item for what it might
 * be; here the caller knows.
 */
export function arrayOf(items: readonly Value[]): string {
  return `{${items.map((item) => (typeof item === 'string' ? quoted(item) : plain(item))).join(',')}}`;
}

/** The same for items that need no quotes: ids, numbers and the like. */
export function arrayOfPlain(items: readonly Value[]): string {
  return `{${items.map(plain).join(',')}}`;
}

/** Whole numbers since 1970 are what a timestamp is sent and read as: a Date would lose microseconds. */
export const microsecondsOf = (column: string): string =>
  `(extract(epoch from ${column}) * 1000000)::int8`;

export const timestampOf = (microseconds: string): string =>
  `timestamptz '1970-01-01T00:00:00Z' + ${microseconds} * interval '1 microsecond'`;

/** An instant as the text of a whole number, for a parameter. */
export function instantText(instant: Instant | null): string | null {
  return instant === null ? null : String(instant);
}

function plain(item: Value): string {
  return item === null || item === undefined ? 'NULL' : String(item);
}

/** Words, ids and numbers stand for themselves in an array; whatever else is between quotes. */
const PLAIN = /^[\w.:-]+$/;

function quoted(text: string): string {
  if (PLAIN.test(text) && text.toLowerCase() !== 'null') return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
