import { sql } from 'kysely';
import { dateOf } from '../core/instant.ts';
import type { EndingWindow } from '../core/periods.ts';
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

/** What Stripe has told in a window, how much of it somebody has to look at, and the last of all. */
export async function stripeEventCounts(db: Db, { starts_at, ends_at }: EndingWindow) {
  const [from, to] = [dateOf(starts_at), dateOf(ends_at)];
  const { rows } = await sql<{ came: bigint; flagged: bigint; last_at: Date | null }>`
    select count(*) as came, count(*) filter (where state = 'flagged') as flagged,
      max(received_at) as last_at
    from stripe_events where received_at >= ${from} and received_at < ${to}`.execute(db);
  return rows[0] ?? { came: 0n, flagged: 0n, last_at: null };
}

/** How much of what Stripe told somebody has to look at. */
export async function flaggedCount(db: Db): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from stripe_events where state = 'flagged'`.execute(db);
  return rows[0]?.count ?? 0n;
}

const PAGE = 50;
export type StripeEventState = 'done' | 'ignored' | 'flagged';

/** What Stripe has told, the newest first, in pages. */
export async function stripeEventPage(
  db: Db,
  { state, before }: { state?: StripeEventState | undefined; before?: string | undefined },
) {
  let query = db
    .selectFrom('stripe_events')
    .select(['id', 'type', 'state', 'note', 'livemode', 'payment_id', 'created_at', 'received_at'])
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(PAGE + 1);
  if (state !== undefined) query = query.where('state', '=', state);
  if (before !== undefined) {
    query = query.where(
      sql<boolean>`(received_at, id) < (select received_at, id from stripe_events where id = ${before})`,
    );
  }
  const rows = await query.execute();
  const events = rows.slice(0, PAGE);
  return { events, older: rows.length > PAGE ? events.at(-1)?.id : undefined };
}

/** One event as Stripe told it; the body is empty where it was forgotten. */
export async function findStripeEvent(db: Db, id: string) {
  return db.selectFrom('stripe_events').selectAll().where('id', '=', id).executeTakeFirst();
}
