import { sql } from 'kysely';
import type { Db } from './database.ts';

/** What the queue of jobs has to do. */
export interface JobQueue {
  /** Due, and nobody has taken them up. */
  waiting: bigint;
  /** Failed before, and tried again later. */
  retried: bigint;
  /** Given up. */
  failed: bigint;
  /** Since when the one has been due that waits longest. */
  oldest_due_at: Date | null;
}

/** @param db the app's role, which works through the queue */
export async function readJobQueue(db: Db): Promise<JobQueue> {
  const { rows } = await sql<JobQueue>`
    select count(*) filter (where attempts = 0 and run_at <= now() and locked_at is null) as waiting,
      count(*) filter (where attempts between 1 and max_attempts - 1) as retried,
      count(*) filter (where attempts >= max_attempts) as failed,
      min(run_at) filter (where run_at <= now() and locked_at is null and attempts < max_attempts)
        as oldest_due_at
    from graphile_worker.jobs`.execute(db);
  return rows[0] ?? { waiting: 0n, retried: 0n, failed: 0n, oldest_due_at: null };
}
