import { type Kysely, sql } from 'kysely';

/** Who was active in some days is asked of each wallet once, however many days there are. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index booked_activity_by_wallet on booked_activity (wallet_id, day)`.execute(db);
}
