import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';

/**
 * Forgets what older events of Stripe said, which can name people. That they came stays known, so
 * that none is taken in twice, and what somebody has to look at stays whole.
 */
export async function forgetEventBodies(db: Db, before: Date): Promise<void> {
  await sql`update stripe_events set body = '{}'
    where received_at < ${before} and state <> 'flagged' and body <> '{}'`.execute(db);
}
