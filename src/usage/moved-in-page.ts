import { sql } from 'kysely';
import { z } from 'zod';
import type { Trx } from '../lib/database.ts';

const ROWS = 50;

const Before = z.object({ before: z.uuid() }).partial().catch({});

/** Whether the workspace of the transaction has a history from elsewhere. */
export async function hasMovedIn(trx: Trx): Promise<boolean> {
  const found = await trx
    .selectFrom('moved_in_rows')
    .select('id')
    .where('entry_seq', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** What was written in the system that was used before, newest first: it moved nothing here. */
export async function movedInPage(trx: Trx, query: unknown) {
  const { before } = Before.parse(query);
  let read = trx
    .selectFrom('moved_in_rows')
    .select(['id', 'at', 'kind', 'description', 'amount', 'system'])
    .where('entry_seq', 'is', null)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(ROWS + 1);
  if (before !== undefined) {
    read = read.where(
      sql<boolean>`(at, id) < (select o.at, o.id from moved_in_rows o where o.id = ${before})`,
    );
  }
  const found = await read.execute();
  const rows = found.slice(0, ROWS);
  return { rows, older: found.length > ROWS ? rows.at(-1)?.id : undefined };
}
