import { type Kysely, sql } from 'kysely';

/** Finds what was clawed back of a lot, which is asked for when a payment's money goes or comes back. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index entries_clawed_back on entries (wallet_id, parent_seq)
    where kind = 'clawback'`.execute(db);
}
