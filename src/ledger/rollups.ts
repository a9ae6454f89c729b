import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import { doneUntil, recordedUntil } from './recording.ts';
import { entriesIn, foldByCustomer, foldOf, quarterHourOf } from './rollups/fold.ts';

const QUARTER_HOUR_MILLISECONDS = 900_000;
/** What is done in one transaction: enough to be fast, little enough to be over soon. */
const WALLETS_AT_ONCE = 1_000;
const ENTRIES_AT_ONCE = 500_000n;

/** A wallet, and up to which entry it is to be rolled up. */
interface Target {
  wallet_id: string;
  upto_seq: bigint;
}

/**
 * Rolls up what was recorded in the quarter hours that are closed, at first all. The rollups of a
 * wallet always consist of its entries up to a number that is kept beside them: whoever adds the
 * entries above it is exact, however late this runs. Several at once are safe, and so is a repeat.
 * @param db the ledger's role, without a time-out
 */
export async function rollUp(db: Db): Promise<void> {
  const recorded = await recordedUntil(db);
  if (recorded === undefined) return;
  const closed = new Date(
    Math.floor(recorded.getTime() / QUARTER_HOUR_MILLISECONDS) * QUARTER_HOUR_MILLISECONDS,
  );
  const done_until = await doneUntil(db, 'rollups');
  if (done_until === null) await rollUpAll(db);
  else if (done_until < closed) await rollUpTo(db, await changedBetween(db, done_until, closed));
  else return;
  await sql`update ledger_progress set done_until = greatest(done_until, ${closed})
    where task = 'rollups'`.execute(db);
}

/** Whatever is committed now, of all wallets: the first time there is no moment to begin at. */
async function rollUpAll(db: Db): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await sql<Target>`
      select id as wallet_id, last_seq as upto_seq from wallets where id > ${after}
      order by id limit ${WALLETS_AT_ONCE}`.execute(db);
    await rollUpTo(db, rows);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.wallet_id;
  }
}

/** Also those whose entries are late, or were imported: they too were recorded of late. */
async function changedBetween(db: Db, from: Date, until: Date): Promise<Target[]> {
  const { rows } = await sql<Target>`
    select wallet_id, max(seq) as upto_seq from entries
    where recorded_at >= ${from} and recorded_at < ${until}
    group by wallet_id order by wallet_id`.execute(db);
  return rows;
}

/** Rolls wallets up to an entry each, as far as they are not yet. */
export async function rollUpTo(
  db: Db,
  targets: readonly Target[],
  entriesAtOnce = ENTRIES_AT_ONCE,
): Promise<void> {
  for (let index = 0; index < targets.length; index += WALLETS_AT_ONCE) {
    const some = targets.slice(index, index + WALLETS_AT_ONCE);
    const next = () => db.transaction().execute((trx) => rollUpSome(trx, some, entriesAtOnce));
    while (!(await next()));
  }
}

/** @returns whether all of it is done: else there is more than one transaction should do */
async function rollUpSome(
  trx: Trx,
  targets: readonly Target[],
  entriesAtOnce: bigint,
): Promise<boolean> {
  const ids = targets.map((one) => one.wallet_id);
  await sql`
    insert into rollup_progress (wallet_id, workspace_id)
    select id, workspace_id from wallets where id = any(${ids}) order by id
    on conflict (wallet_id) do nothing`.execute(trx);
  await sql`select from rollup_progress where wallet_id = any(${ids})
    order by wallet_id for update`.execute(trx);
  // Under the lock, so with a snapshot after it. The quarter hour of the first entry that is new may
  // have a part in the rollups already, when the clock went back or the entry brings its own time.
  const { rows } = await sql<Due>`
    select p.wallet_id, t.upto_seq, p.last_seq, e.quarter_hour,
      coalesce((
        select min(r.first_seq) - 1 from entry_rollups r
        where r.wallet_id = p.wallet_id and r.quarter_hour >= e.quarter_hour
      ), p.last_seq) as after_seq
    from unnest(${ids}::uuid[], ${targets.map((one) => one.upto_seq)}::int8[])
      as t(wallet_id, upto_seq)
    join rollup_progress p on p.wallet_id = t.wallet_id
    cross join lateral (
      select ${quarterHourOf('entries.at')} as quarter_hour from entries
      where wallet_id = p.wallet_id and seq = p.last_seq + 1
    ) e
    where p.last_seq < t.upto_seq order by p.wallet_id`.execute(trx);
  const { some, isAll } = asManyAsFit(rows, entriesAtOnce);
  await replace(trx, some);
  return isAll;
}

/** A wallet that has entries to roll up: from a quarter hour on, the entries above a number. */
interface Due extends Target {
  last_seq: bigint;
  quarter_hour: Date;
  after_seq: bigint;
}

function asManyAsFit(due: readonly Due[], entries: bigint): { some: Due[]; isAll: boolean } {
  const some: Due[] = [];
  let room = entries;
  for (const one of due) {
    const pending = one.upto_seq - one.last_seq;
    if (pending > room) {
      some.push({ ...one, upto_seq: one.last_seq + room });
      return { some, isAll: false };
    }
    some.push(one);
    room -= pending;
  }
  return { some, isAll: true };
}

async function replace(trx: Trx, due: readonly Due[]): Promise<void> {
  const spans = sql`
    select * from unnest(${due.map((one) => one.wallet_id)}::uuid[],
      ${due.map((one) => one.after_seq)}::int8[], ${due.map((one) => one.upto_seq)}::int8[],
      ${due.map((one) => one.quarter_hour)}::timestamptz[])
      as span(wallet_id, after_seq, upto_seq, quarter_hour)`;
  for (const table of ['entry_rollups', 'customer_rollups']) {
    await sql`
      delete from ${sql.table(table)} r using (${spans}) span
      where r.wallet_id = span.wallet_id and r.quarter_hour >= span.quarter_hour`.execute(trx);
  }
  await sql`
    insert into entry_rollups (wallet_id, workspace_id, quarter_hour, occurred_quarter_hour, kind,
      operation, api_key_id, person_id, first_seq, last_seq, entry_count, amount, balance_change,
      quantity)
    select wallet_id, p.workspace_id, f.quarter_hour, occurred_quarter_hour, kind, operation,
      api_key_id, person_id, first_seq, f.last_seq, entry_count, amount, balance_change, quantity
    from (${foldOf(entriesIn(spans))}) f join rollup_progress p using (wallet_id)`.execute(trx);
  await sql`
    insert into customer_rollups (wallet_id, workspace_id, quarter_hour, occurred_quarter_hour, kind,
      operation, api_key_id, person_id, on_behalf_of, first_seq, last_seq, entry_count, amount,
      quantity)
    select wallet_id, p.workspace_id, f.quarter_hour, occurred_quarter_hour, kind, operation,
      api_key_id, person_id, on_behalf_of, first_seq, f.last_seq, entry_count, amount, quantity
    from (${foldByCustomer(entriesIn(spans))}) f join rollup_progress p using (wallet_id)`.execute(
    trx,
  );
  await sql`
    update rollup_progress p set last_seq = span.upto_seq from (${spans}) span
    where p.wallet_id = span.wallet_id`.execute(trx);
}

/** Makes the rollups of a wallet anew, of what was not forgotten. */
export async function rollUpAgain(db: Db, walletId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select from rollup_progress where wallet_id = ${walletId} for update`.execute(trx);
    for (const table of ['entry_rollups', 'customer_rollups']) {
      await sql`delete from ${sql.table(table)} where wallet_id = ${walletId}`.execute(trx);
    }
    await sql`update rollup_progress set last_seq = forgotten_seq
      where wallet_id = ${walletId}`.execute(trx);
  });
  const { rows } = await sql<Target>`
    select id as wallet_id, last_seq as upto_seq from wallets where id = ${walletId}`.execute(db);
  await rollUpTo(db, rows);
}
