import { z } from 'zod';

/** Lists come in pages: `limit` says how many at most, `cursor` where the page before ended. */

const LIMIT_MAX = 100;
const LIMIT = 50;

export const limitField = z
  .string()
  .meta({
    ...{ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT },
    description: 'How many at most.',
  })
  .transform((text, context): number => {
    const limit = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : LIMIT_MAX + 1;
    if (limit <= LIMIT_MAX) return limit;
    context.addIssue(`Give a whole number from 1 to ${LIMIT_MAX}.`);
    return z.NEVER;
  })
  .default(LIMIT);

/** Where the next page begins, for whoever asks for it: opaque, and good for one kind of list. */
export function cursorOf(list: string, position: string | number | bigint): string {
  return Buffer.from(`${list} ${position}`).toString('base64url');
}

/** A cursor of `list` as it comes back: `read` makes of the position what the list goes on from. */
export function cursorField<Position>(
  list: string,
  read: (position: string) => Position | undefined,
) {
  return z
    .string()
    .meta({ description: 'The `next_cursor` of the page before.' })
    .transform((text, context): Position => {
      const told = text.length > CURSOR_MAX ? '' : Buffer.from(text, 'base64url').toString();
      const position = told.slice(list.length + 1);
      const found = cursorOf(list, position) === text ? read(position) : undefined;
      if (found !== undefined) return found;
      context.addIssue('Give the next_cursor of the page before, as it was.');
      return z.NEVER;
    })
    .optional();
}

const CURSOR_MAX = 200;

export const nextCursorAnswer = z
  .string()
  .nullable()
  .meta({ description: 'The `cursor` of the next page; null at the end.' });

const ENTRY_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/** The number of an entry; undefined for what cannot be one. */
export function entryNumberOf(text: string): bigint | undefined {
  return ENTRY_NUMBER.test(text) ? BigInt(text) : undefined;
}
