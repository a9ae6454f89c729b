import { type Kysely, sql } from 'kysely';

/** People name a payment by its short number: on a bank's statement, in a letter. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index payments_by_number on payments ("right"(id::text, 12))`.execute(db);
}
