import { type RawBuilder, sql } from 'kysely';
import type { Trx } from './database.ts';

const ROWS_AT_ONCE = 1_000;

/** The rows of a query, some at a time, so that there may be more than fit into memory. */
export async function* stream<Row>(trx: Trx, query: RawBuilder<Row>): AsyncGenerator<Row[]> {
  await sql`declare streamed no scroll cursor for ${query}`.execute(trx);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(ROWS_AT_ONCE)} from streamed`.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS_AT_ONCE) break;
  }
  await sql`close streamed`.execute(trx);
}
