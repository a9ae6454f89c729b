import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import { doneUntil, firstRecordedAt } from './recording.ts';

const DAY_MILLISECONDS = 86_400_000;
const WALLETS_AT_ONCE = 1_000;

/**
 * Forgets what is older than a moment and can be spared: rollups, and what was said of usage (texts,
 * metadata, request ids). Entries and their keys stay for ever, and so does what was said of grants
 * and corrections. Several at once are safe, and so is a repeat.
 * @param db the ledger's role, without a time-out
 */
export async function forgetBefore(db: Db, before: Date): Promise<void> {
  await forgetRollups(db, before);
  await forgetDetails(db, before);
}

async function forgetRollups(db: Db, before: Date): Promise<void> {
  const { rows } = await sql<{ wallet_id: string }>`
    select distinct wallet_id from entry_rollups where quarter_hour < ${before}`.execute(db);
  const ids = rows.map((row) => row.wallet_id);
  for (let index = 0; index < ids.length; index += WALLETS_AT_ONCE) {
    const some = ids.slice(index, index + WALLETS_AT_ONCE);
    await db.transaction().execute((trx) => forgetRollupsOf(trx, some, before));
  }
}

/** Under the lock of whoever rolls up; the numbers go on saying which entries the rest consists of. */
async function forgetRollupsOf(trx: Trx, ids: readonly string[], before: Date): Promise<void> {
  await sql`select from rollup_progress where wallet_id = any(${ids})
    order by wallet_id for update`.execute(trx);
  await sql`
    with forgotten as (
      delete from entry_rollups where wallet_id = any(${ids}) and quarter_hour < ${before}
      returning wallet_id, last_seq
    ), by_customer as (
      delete from customer_rollups where wallet_id = any(${ids}) and quarter_hour < ${before}
    )
    update rollup_progress p set forgotten_seq = greatest(p.forgotten_seq, f.last_seq)
    from (select wallet_id, max(last_seq) as last_seq from forgotten group by wallet_id) f
    where p.wallet_id = f.wallet_id`.execute(trx);
}

/** A day of entries after the other, as they were recorded: what is done is not looked at again. */
async function forgetDetails(db: Db, before: Date): Promise<void> {
  const done_until = await doneUntil(db, 'retention');
  let from = done_until ?? (await firstRecordedAt(db));
  while (from !== undefined && from < before) {
    const until = new Date(Math.min(from.getTime() + DAY_MILLISECONDS, before.getTime()));
    await sql`
      with forgotten as (
        delete from entry_details d using entries e
        where d.wallet_id = e.wallet_id and d.seq = e.seq
          and e.recorded_at >= ${from} and e.recorded_at < ${until}
          and e.kind in ('debit', 'hold', 'extension', 'capture', 'release', 'refund')
      )
      update ledger_progress set done_until = ${until} where task = 'retention'`.execute(db);
    from = until;
  }
}

/** Erases what was said of a workspace's entries by people and products; the entries stay. */
export async function eraseDetails(trx: Trx, workspaceId: string): Promise<void> {
  await trx
    .updateTable('entry_details')
    .set({ description: null, metadata: null, request_id: null, erased_at: new Date() })
    .where('workspace_id', '=', workspaceId)
    .where('erased_at', 'is', null)
    .execute();
}
