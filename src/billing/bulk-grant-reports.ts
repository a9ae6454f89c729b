import { sql } from 'kysely';
import { lastDayUtc } from '../core/last-days.ts';
import { balancesOf } from '../ledger/balances.ts';
import type { Db } from '../lib/database.ts';

const FILES = 50;
const ROWS = 50;

/** A file of grants as the list and its page show it. */
export type BulkGrantFile = Awaited<
  ReturnType<ReturnType<typeof selectFiles>['executeTakeFirstOrThrow']>
>;

/** A page of the files that were read, the newest first. */
export async function bulkGrantPage(
  staff: Db,
  before: string | undefined,
): Promise<{ files: BulkGrantFile[]; older: string | undefined }> {
  let query = selectFiles(staff)
    .orderBy('g.id', 'desc')
    .limit(FILES + 1);
  if (before !== undefined) query = query.where('g.id', '<', before);
  const rows = await query.execute();
  const files = rows.slice(0, FILES);
  return { files, older: rows.length > FILES ? files.at(-1)?.id : undefined };
}

export type BulkGrantReport = NonNullable<Awaited<ReturnType<typeof bulkGrantReport>>>;

/** A file with how far it is, and the newest other one that says the same and was given. */
export async function bulkGrantReport(staff: Db, id: string) {
  const file = await selectFiles(staff).where('g.id', '=', id).executeTakeFirst();
  if (file === undefined) return undefined;
  const counts = await staff
    .selectFrom('bulk_grant_rows')
    .select([countIn('waiting').as('waiting'), countIn('granted').as('granted')])
    .select(countIn('refused').as('refused'))
    .select(
      sql<bigint>`coalesce(sum(amount) filter (where state = 'granted'), 0)::int8`.as('given'),
    )
    .where('bulk_grant_id', '=', id)
    .executeTakeFirstOrThrow();
  const same = await selectFiles(staff)
    .where('g.file_hash', '=', file.file_hash)
    .where('g.id', '<>', id)
    .where((where) =>
      where.or([where('g.state', '<>', 'checked'), where(OPEN_REQUEST, 'is not', null)]),
    )
    .orderBy('g.id', 'desc')
    .executeTakeFirst();
  return { ...file, ...counts, same };
}

const countIn = (state: string) => sql<number>`count(*) filter (where state = ${state})::int`;

/** The request that somebody may still approve. */
const OPEN_REQUEST = sql<string | null>`(
  select r.id from staff_requests r
  where r.subject_id = g.id and r.state = 'waiting' and r.expires_at > now() limit 1)`;

function selectFiles(staff: Db) {
  return staff
    .selectFrom('bulk_grants as g')
    .innerJoin('people as p', 'p.id', 'g.made_by')
    .leftJoin('people as s', 's.id', 'g.started_by')
    .select(['g.id', 'g.file_name', 'g.file_hash', 'g.reason', 'g.state', 'g.row_count', 'g.total'])
    .select([
      'g.created_at',
      'g.started_at',
      'g.finished_at',
      'p.name as maker',
      's.name as starter',
    ])
    .select(OPEN_REQUEST.as('request_id'));
}

/** A row as pages show it. */
export interface BulkGrantRow {
  number: number;
  customer: string;
  written_amount: string;
  amount: bigint | null;
  state: 'waiting' | 'granted' | 'refused';
  fault: string | null;
  entry_seq: bigint | null;
  note: string | null;
  expires_at: Date | null;
  wallet_id: string | null;
  workspace_id: string | null;
  workspace: string | null;
}

/** A page of the rows of a file, from after a line on; of all, or of those that were not granted. */
export async function bulkGrantRows(
  staff: Db,
  id: string,
  { after, show }: { after?: number | undefined; show: 'all' | 'faults' },
) {
  const rows = await rowsAfter(staff, id, { after, show }, ROWS + 1);
  const shown = rows.slice(0, ROWS);
  const walletIds = shown.flatMap(({ wallet_id }) => wallet_id ?? []);
  const balances = new Map(
    (await balancesOf(staff, walletIds)).map((one) => [one.wallet_id, one.balance_micro]),
  );
  return {
    rows: shown.map((row) => ({
      ...row,
      last_day: row.expires_at && lastDayUtc(row.expires_at),
      balance: balances.get(row.wallet_id ?? '') ?? null,
    })),
    next: rows.length > ROWS ? shown.at(-1)?.number : undefined,
  };
}

/** All rows of a file, a page at a time. */
export async function* allBulkGrantRows(
  staff: Db,
  id: string,
  limit: number,
): AsyncGenerator<BulkGrantRow[]> {
  let after: number | undefined;
  do {
    const rows = await rowsAfter(staff, id, { after, show: 'all' }, limit);
    yield rows;
    after = rows.length < limit ? undefined : rows.at(-1)?.number;
  } while (after !== undefined);
}

function rowsAfter(
  staff: Db,
  id: string,
  { after, show }: { after: number | undefined; show: 'all' | 'faults' },
  limit: number,
): Promise<BulkGrantRow[]> {
  let query = staff
    .selectFrom('bulk_grant_rows as r')
    .leftJoin('wallets as l', 'l.id', 'r.wallet_id')
    .leftJoin('workspaces as w', 'w.id', 'l.workspace_id')
    .select(['r.number', 'r.customer', 'r.written_amount', 'r.amount', 'r.state', 'r.fault'])
    .select(['r.entry_seq', 'r.note', 'r.expires_at', 'r.wallet_id'])
    .select(['w.id as workspace_id', 'w.name as workspace'])
    .where('r.bulk_grant_id', '=', id)
    .orderBy('r.number')
    .limit(limit);
  if (after !== undefined) query = query.where('r.number', '>', after);
  if (show === 'faults') query = query.where('r.state', '=', 'refused');
  return query.execute();
}
