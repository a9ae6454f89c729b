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

const FLAGGED_MAX = 200;

/** What Stripe told and somebody has to look at, the newest first. */
export function flaggedEvents(db: Db) {
  return db
    .selectFrom('stripe_events')
    .select(['id', 'type', 'note', 'object_id', 'payment_id', 'received_at'])
    .where('state', '=', 'flagged')
    .orderBy('received_at', 'desc')
    .limit(FLAGGED_MAX)
    .execute();
}
