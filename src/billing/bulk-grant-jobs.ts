import { sql } from 'kysely';
import { audit } from '../lib/audit.ts';
import { type Connections, type Db, type Trx, enterWorkspace } from '../lib/database.ts';
import type { Job } from '../lib/jobs.ts';
import { adjustByStaff } from './adjustments.ts';
import { isDeactivated } from './bulk-grants/customers.ts';
import { oneByOne } from './one-by-one.ts';

/** So many rows take some seconds: a worker that is to stop does not keep anybody waiting. */
const ROWS_AT_ONCE = 500;

export function bulkGrantJobs(connections: Connections): Job[] {
  return [
    {
      name: 'billing.grant-files',
      every_seconds: 1,
      run: () => grantFiles(connections),
    },
  ];
}

/** Goes on with the grants of each file that runs, by so many rows. */
export async function grantFiles({
  app,
  staff,
}: Pick<Connections, 'app' | 'staff'>): Promise<void> {
  const running = await staff
    .selectFrom('bulk_grants')
    .select('id')
    .where('state', '=', 'running')
    .orderBy('started_at')
    .execute();
  await oneByOne(running, async ({ id }) => {
    const rows = await waitingRows(staff, id);
    for (const row of rows) {
      const granted = await app.transaction().execute((trx) => grantRow(trx, id, row));
      if (!granted) return;
    }
    if (rows.length < ROWS_AT_ONCE) {
      await app.transaction().execute((trx) => finish(trx, id));
    }
  });
}

interface WaitingRow {
  number: number;
  workspace_id: string;
}

function waitingRows(staff: Db, fileId: string): Promise<WaitingRow[]> {
  return staff
    .selectFrom('bulk_grant_rows as r')
    .innerJoin('wallets as w', 'w.id', 'r.wallet_id')
    .select(['r.number', 'w.workspace_id'])
    .where('r.bulk_grant_id', '=', fileId)
    .where('r.state', '=', 'waiting')
    .orderBy('r.number')
    .limit(ROWS_AT_ONCE)
    .execute();
}

/**
 * Grants one row and writes down that it did, in one transaction, under the lock of its file: whoever
 * stops the file waits for it. Another process that has the file goes on with it instead.
 * @returns false when the file does not run, or another process is at it
 */
async function grantRow(
  trx: Trx,
  fileId: string,
  { number, workspace_id }: WaitingRow,
): Promise<boolean> {
  const file = await lockRunning(trx, fileId);
  if (file === undefined) return false;
  await enterWorkspace(trx, workspace_id);
  const row = await trx
    .selectFrom('bulk_grant_rows as r')
    .innerJoin('wallets as l', 'l.id', 'r.wallet_id')
    .innerJoin('workspaces as w', 'w.id', 'l.workspace_id')
    .select(['l.id as wallet_id', 'r.amount', 'r.note', 'r.expires_at'])
    .select(sql<boolean>`coalesce(r.expires_at <= now(), false)`.as('is_over'))
    .select(isDeactivated().as('is_deactivated'))
    .where('r.bulk_grant_id', '=', fileId)
    .where('r.number', '=', number)
    .where('r.state', '=', 'waiting')
    .executeTakeFirst();
  if (row === undefined) return true;
  const change = await outcomeOf(trx, file, { ...row, number, workspace_id });
  await trx
    .updateTable('bulk_grant_rows')
    .set(change)
    .where('bulk_grant_id', '=', fileId)
    .where('number', '=', number)
    .execute();
  return true;
}

interface RunningFile {
  id: string;
  reason: string | null;
  started_by: string | null;
}

async function lockRunning(trx: Trx, fileId: string): Promise<RunningFile | undefined> {
  return trx
    .selectFrom('bulk_grants')
    .select(['id', 'reason', 'started_by'])
    .where('id', '=', fileId)
    .where('state', '=', 'running')
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
}

async function outcomeOf(
  trx: Trx,
  { id, reason, started_by }: RunningFile,
  row: WaitingRow & {
    wallet_id: string;
    amount: bigint | null;
    note: string | null;
    expires_at: Date | null;
    is_over: boolean;
    is_deactivated: boolean;
  },
) {
  const refused = (fault: string) => ({ state: 'refused' as const, fault });
  if (row.amount === null || reason === null || started_by === null) {
    throw new Error(`row ${row.number} of the grants ${id} is not whole`);
  }
  if (row.is_deactivated) return refused('This customer was deactivated before its turn came.');
  if (row.is_over) return refused('Its last day was over before its turn came.');
  const { workspace_id, wallet_id, expires_at } = row;
  const outcome = await adjustByStaff(trx, {
    key: `${id}:${row.number}`,
    ...{ workspace_id, wallet_id, amount_micro: row.amount, expires_at },
    reason: row.note ?? reason,
    person_id: started_by,
    origin: {},
  });
  if (outcome.outcome === 'refused') return refused(outcome.sentence);
  return { state: 'granted' as const, entry_seq: outcome.seq };
}

/** Ends a file of which no row waits any more. */
async function finish(trx: Trx, fileId: string): Promise<void> {
  const file = await lockRunning(trx, fileId);
  if (file === undefined) return;
  const rows = await trx
    .selectFrom('bulk_grant_rows')
    .select(['state', (row) => row.fn.countAll<bigint>().as('count')])
    .where('bulk_grant_id', '=', fileId)
    .groupBy('state')
    .execute();
  const countOf = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0n);
  if (countOf('waiting') > 0) return;
  await trx
    .updateTable('bulk_grants')
    .set({ state: 'done', finished_at: sql<Date>`now()` })
    .where('id', '=', fileId)
    .execute();
  await audit(trx, {
    actor: { kind: 'job' },
    action: 'bulk_grant.done',
    subject: { kind: 'bulk_grant', id: fileId },
    after: { granted: countOf('granted'), not_granted: countOf('refused') },
  });
}
