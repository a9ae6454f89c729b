import { sql } from 'kysely';
import type { Db } from './database.ts';

/** Mails that have not gone out. */
export interface MailQueue {
  waiting: bigint;
  /** Tried in vain, and tried again later. */
  retried: bigint;
  /** Since when the one waits that waits longest. */
  oldest_at: Date | null;
}

export async function readMailQueue(db: Db): Promise<MailQueue> {
  const { rows } = await sql<MailQueue>`
    select count(*) filter (where state = 'waiting') as waiting,
      count(*) filter (where state = 'failed') as retried, min(created_at) as oldest_at
    from mails where next_try_at is not null`.execute(db);
  return rows[0] ?? { waiting: 0n, retried: 0n, oldest_at: null };
}
