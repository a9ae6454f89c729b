import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';

/** How far the ledger's jobs have come. */
export interface LedgerProgress {
  /** Since when something of a wallet is due that no entry says yet; null where nothing is. */
  overdue_since: Date | null;
  /** Up to when entries stand in rollups; null before the first. */
  rolled_up_until: Date | null;
  /** Up to when what was written was proved to add up; null before the first time. */
  proved_until: Date | null;
  /** What a proof has found, and the last one that looked there still does. */
  violations: bigint;
  /** The end of the last hour that is sealed; null where none is. */
  sealed_until: Date | null;
  /** What happened and was not handed on to alerts and webhooks yet, and since when. */
  untold: bigint;
  untold_since: Date | null;
}

export async function ledgerProgress(db: Db): Promise<LedgerProgress> {
  const { rows } = await sql<LedgerProgress>`
    select
      least(
        (select min(expires_at) from lots where open and available > 0 and expires_at <= now()),
        (select min(expires_at) from holds where open and expires_at <= now())) as overdue_since,
      (select done_until from ledger_progress where task = 'rollups') as rolled_up_until,
      (select done_until from ledger_progress where task = 'verify') as proved_until,
      (select count(*) from ledger_drifts where gone_at is null) as violations,
      (select max(hour) + interval '1 hour' from hour_seals) as sealed_until,
      (select count(*) from ledger_outbox) as untold,
      (select min(created_at) from ledger_outbox) as untold_since`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a row without a table is missing');
  return row;
}
