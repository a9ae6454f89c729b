import { type Kysely, sql } from 'kysely';

/**
 * Of a lot that is sent in parts, each part costs its share, so what was sent before is looked up
 * under the lock: among the wallet's transfers, and not among all that it spent since the first one.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index entries_sent on entries (wallet_id, seq) where kind = 'transfer_out'`.execute(
    db,
  );
}
