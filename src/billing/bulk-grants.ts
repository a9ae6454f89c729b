import { createHash } from 'node:crypto';
import {
  type CheckedGrant,
  type WrittenGrant,
  checkGrants,
  grantTotals,
  readGrants,
} from '../core/bulk-grants.ts';
import { AMOUNT_MICRO_MAX } from '../core/credits.ts';
import { type Origin, audit } from '../lib/audit.ts';
import { readCsv } from '../lib/csv.ts';
import type { Db, Trx } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { customersMeant } from './bulk-grants/customers.ts';
import { type StaffAskOutcome, aloneToday, askAsStaff } from './staff-requests.ts';

/** A file of grants as it was read: whom it gives what, and what is wrong. */
export interface CheckedFile {
  file_name: string;
  file_hash: string;
  rows: readonly CheckedGrant[];
}

/** Whoever does something to a file of grants. */
interface By {
  person_id: string;
  origin: Origin;
}

export type CheckOutcome =
  | { outcome: 'checked'; file: CheckedFile }
  /** It cannot be read as a whole; the sentence says why. */
  | { outcome: 'refused'; sentence: string };

/**
 * Reads a file of grants, and says of each row what would come of it. Nothing is changed or kept.
 * @param staff reads the customers of all workspaces
 */
export async function checkBulkGrant(
  staff: Db,
  { text, file_name, staff_id }: { text: string; file_name: string; staff_id: string },
): Promise<CheckOutcome> {
  if (text.includes('\0')) return refused('This is no text. Save it as CSV.');
  const table = readCsv(text);
  if (table.rows === undefined) return refused(table.fault);
  const written = readGrants(table.rows);
  if (written.outcome === 'refused') return written;
  const { grants } = written;
  const texts = new Set(grants.map(({ customer }) => customer).filter(Boolean));
  const rows = checkGrants(grants, {
    customers: await customersMeant(staff, [...texts]),
    limit_micro: (await aloneToday(staff, staff_id)).limit_micro,
    now: new Date(),
  });
  if (grantTotals(rows).total_micro > AMOUNT_MICRO_MAX) {
    return refused('It comes to more credits than the ledger counts.');
  }
  return { outcome: 'checked', file: { file_name, file_hash: hashOf(grants), rows } };
}

/** By what the rows say, so that other quotes and line ends are the same file. */
function hashOf(grants: readonly WrittenGrant[]): string {
  const said = grants.map(({ customer, credits, note, last_day }) => {
    return [customer, credits, note, last_day];
  });
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url');
}

/** Keeps a file that was read. Nothing is granted before it is confirmed. @returns its id */
export async function keepBulkGrant(trx: Trx, file: CheckedFile, by: By): Promise<string> {
  const id = newId();
  const { rows, faults, total_micro } = grantTotals(file.rows);
  await trx
    .insertInto('bulk_grants')
    .values({
      ...{ id, made_by: by.person_id, file_name: file.file_name, file_hash: file.file_hash },
      ...{ row_count: file.rows.length, total: total_micro },
    })
    .execute();
  for (let first = 0; first < file.rows.length; first += ROWS_OF_A_STATEMENT) {
    await trx
      .insertInto('bulk_grant_rows')
      .values(file.rows.slice(first, first + ROWS_OF_A_STATEMENT).map((row) => rowOf(id, row)))
      .execute();
  }
  await audit(trx, {
    actor: { kind: 'person', id: by.person_id },
    action: 'bulk_grant.checked',
    subject: { kind: 'bulk_grant', id },
    after: { rows, faults, total_micro: String(total_micro) },
    origin: by.origin,
  });
  return id;
}

/** A statement has at most 65,535 parameters. */
const ROWS_OF_A_STATEMENT = 1_000;

function rowOf(bulk_grant_id: string, row: CheckedGrant) {
  const { line: number, customer, written_amount, wallet_id, note, expires_at, fault } = row;
  const state = fault === null ? ('waiting' as const) : ('refused' as const);
  const amount = row.amount_micro;
  const what = { customer, written_amount, wallet_id, amount, note, expires_at, fault };
  return { bulk_grant_id, number, state, ...what };
}

export interface Confirmation {
  id: string;
  reason: string;
  nonce: string;
  /** The rows with faults are left out: somebody said so. */
  leaves_out_faults: boolean;
  /** It is given though the same was given before: somebody said so. */
  gives_again: boolean;
  staff_id: string;
  origin: Origin;
}

export type ConfirmationOutcome =
  | Exclude<StaffAskOutcome, { outcome: 'refused' }>
  /** It has begun already. */
  | { outcome: 'begun' }
  /** Nothing was changed. */
  | { outcome: 'refused'; sentence: string };

/**
 * Lets the grants of a file begin, or has them wait for somebody's approval. Of several who do so at
 * once, the first does.
 * @throws AppError 404
 */
export async function confirmBulkGrant(
  trx: Trx,
  confirmation: Confirmation,
): Promise<ConfirmationOutcome> {
  const { id, reason, nonce, staff_id, origin } = confirmation;
  const { file, same } = await lockFile(trx, id);
  if (file.state !== 'checked') return { outcome: 'begun' };
  const [request_id] = await requestsThatWait(trx, [id]);
  if (request_id !== undefined) return { outcome: 'waits', request_id };
  const { faults } = await trx
    .selectFrom('bulk_grant_rows')
    .select((row) => row.fn.countAll<bigint>().as('faults'))
    .where('bulk_grant_id', '=', id)
    .where('state', '=', 'refused')
    .executeTakeFirstOrThrow();
  if (file.total === 0n) return refused('No row of this file can be granted.');
  if (faults > 0n && !confirmation.leaves_out_faults) {
    return refused('Rows with faults are left out only when you say so.');
  }
  if (!confirmation.gives_again && (await wasGiven(trx, same))) {
    return refused('The same file was given before. It is given again only when you say so.');
  }
  return askAsStaff(trx, {
    wish: { kind: 'bulk_grant', file_id: id, amount_micro: file.total },
    ...{ reason, nonce, staff_id, origin },
  });
}

function refused(sentence: string): { outcome: 'refused'; sentence: string } {
  return { outcome: 'refused', sentence };
}

/** Locks a file and all that say the same, so that two of them do not begin unseen by each other. */
async function lockFile(trx: Trx, id: string) {
  const all = await trx
    .selectFrom('bulk_grants')
    .select(['id', 'state', 'total'])
    .where('file_hash', '=', (row) =>
      row.selectFrom('bulk_grants').select('file_hash').where('id', '=', id),
    )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  const file = all.find((one) => one.id === id);
  if (file === undefined) throw notFound('file of grants');
  return { file, same: all.filter((one) => one.id !== id) };
}

async function wasGiven(
  trx: Trx,
  same: readonly { id: string; state: string }[],
): Promise<boolean> {
  if (same.some(({ state }) => state !== 'checked')) return true;
  const ids = same.map(({ id }) => id);
  return (await requestsThatWait(trx, ids)).length > 0;
}

/** The requests about some files that somebody may still approve. */
async function requestsThatWait(trx: Trx, fileIds: readonly string[]): Promise<string[]> {
  if (fileIds.length === 0) return [];
  const found = await trx
    .selectFrom('staff_requests')
    .select('id')
    .where('subject_id', 'in', fileIds)
    .where('state', '=', 'waiting')
    .where('expires_at', '>', (row) => row.fn<Date>('now'))
    .execute();
  return found.map(({ id }) => id);
}

/**
 * Stops grants that run, or has them go on. What was granted stays so; when this has come back, no
 * further row is granted, or from now on again.
 */
export async function turnBulkGrant(
  trx: Trx,
  id: string,
  to: 'stopped' | 'running',
  by: By,
): Promise<void> {
  const from = to === 'stopped' ? 'running' : 'stopped';
  const turned = await trx
    .updateTable('bulk_grants')
    .set({ state: to })
    .where('id', '=', id)
    .where('state', '=', from)
    .executeTakeFirst();
  if (turned.numUpdatedRows === 0n) return;
  await audit(trx, {
    actor: { kind: 'person', id: by.person_id },
    action: to === 'stopped' ? 'bulk_grant.stopped' : 'bulk_grant.resumed',
    subject: { kind: 'bulk_grant', id },
    origin: by.origin,
  });
}
