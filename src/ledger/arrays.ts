import type { Instant } from '../core/instant.ts';

/** What a column of an array parameter may hold; undefined and null are both NULL. */
export type Value = string | number | bigint | boolean | null | undefined;

/**
 * A PostgreSQL array in its text form. The driver's own way looks at each item for what it might
 * be; here the caller knows.
 */
export function arrayOf(items: readonly Value[]): string {
  let text = '{';
  for (const [index, item] of items.entries()) {
    if (index > 0) text += ',';
    if (item === null || item === undefined) text += 'NULL';
    else if (typeof item === 'string') text += quoted(item);
    else text += String(item);
  }
  return `${text}}`;
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

/** Words, ids and numbers stand for themselves in an array; whatever else is between quotes. */
const PLAIN = /^[\w.:-]+$/;

function quoted(text: string): string {
  if (PLAIN.test(text) && text.toLowerCase() !== 'null') return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
