import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database, Db } from '../lib/database.ts';

/** No clock is set back further than this, by hand or because another machine takes over. */
const SETBACK_SECONDS = 300;
const WAIT_MILLISECONDS = 100;
const TRIES_MAX = 100;

/**
 * A moment before which no entry will be recorded any more, and all that were are seen by every
 * later statement; undefined while a transaction from before is still open.
 *
 * `recorded_at` is the clock at the insert, and the commit comes later by any time. But whoever
 * inserts an entry has locked its wallet before, and so has a transaction number by then. All that
 * were given until now are below the one that is taken here. Once none below it runs, what was
 * recorded until now is committed or gone; what is recorded later has a later time, unless the clock
 * goes back. (The `xmax` of a snapshot would not do: transactions that run can be above it.)
 */
export async function recordedUntil(db: Db): Promise<Date | undefined> {
  const asked = await sql<{ until: Date; own: string }>`
    select now() - ${SETBACK_SECONDS} * interval '1 second' as until,
      pg_current_xact_id()::text as own`.execute(db);
  const [row] = asked.rows;
  if (row === undefined) return undefined;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const open = await sql<{ ended: boolean }>`
      select pg_snapshot_xmin(pg_current_snapshot()) >= ${row.own}::xid8 as ended`.execute(db);
    if (open.rows[0]?.ended === true) return row.until;
    await wait(WAIT_MILLISECONDS);
  }
  return undefined;
}

/** When the first entry of all was recorded. Reads the whole table: for the first run of a job. */
export async function firstRecordedAt(db: Db): Promise<Date | undefined> {
  const found = await sql<{ first: Date | null }>`
    select min(recorded_at) as first from entries`.execute(db);
  return found.rows[0]?.first ?? undefined;
}

type Task = Database['ledger_progress']['task'];

/** Up to when a job has gone through what was recorded; null before it did for the first time. */
export async function doneUntil(db: Db, task: Task): Promise<Date | null> {
  const { done_until } = await db
    .selectFrom('ledger_progress')
    .select('done_until')
    .where('task', '=', task)
    .executeTakeFirstOrThrow();
  return done_until;
}
