import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/*
 * What proves the ledger off the hot path. Entries are stored in the order in which they were
 * recorded, so an index of a few pages finds those of an hour (BRIN). Seals are written once for
 * each closed hour and never changed. They are of no workspace: the app sees none of them.
 */
const SEALS = ['wallet_seals', 'hour_seals'];

export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index entries_by_recording on entries using brin (recorded_at)
    with (autosummarize = on)`.execute(db);
  await sql`
    create table ledger_progress (
      task text primary key constraint ledger_progress_task_is_known
        check (task in ('verify', 'rollups')),
      done_until timestamptz
    )`.execute(db);
  await sql`comment on column ledger_progress.done_until is
    'entries recorded before this were looked at by the task; null when it has never run'`.execute(
    db,
  );
  await sql`insert into ledger_progress (task) values ('verify'), ('rollups')`.execute(db);
  await sql`
    create table wallet_seals (
      hour timestamptz not null,
      wallet_id uuid not null,
      first_seq bigint not null,
      last_seq bigint not null,
      entry_count bigint not null,
      amount numeric not null,
      hash bytea not null,
      primary key (hour, wallet_id)
    )`.execute(db);
  await sql`comment on table wallet_seals is
    'The entries of a wallet that were recorded in a closed hour: their number, sum and keyed hash'`.execute(
    db,
  );
  await sql`
    create table hour_seals (
      number bigint primary key,
      hour timestamptz not null constraint hour_seals_seal_an_hour_once unique,
      wallet_count bigint not null,
      entry_count bigint not null,
      key_name text not null,
      hash bytea not null
    )`.execute(db);
  await sql`comment on table hour_seals is
    'The chain: a keyed hash over the seal of the hour before and the wallet seals of the hour'`.execute(
    db,
  );
  for (const table of SEALS) await refuseChanges(db, table);
  await giveAccess(db);
}

async function refuseChanges(db: Kysely<never>, table: string): Promise<void> {
  await sql
    .raw(
      `create trigger ${table}_are_never_changed before update or delete or truncate on ${table}
       for each statement execute function refuse_change()`,
    )
    .execute(db);
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  if (roles) {
    await run(`grant select on ${SEALS.join(', ')}, ledger_progress to scrip_staff, scrip_ledger`);
    await run(`grant insert on ${SEALS.join(', ')} to scrip_ledger`);
    await run(`grant update on ledger_progress to scrip_ledger`);
    await run(`grant select on ledger_progress to scrip_app`);
    return;
  }
  for (const table of SEALS) {
    await run(`alter table ${table} enable row level security`);
    await run(`alter table ${table} force row level security`);
    await run(`create policy ${table}_of_no_workspace on ${table}
      using (current_setting('scrip.role', true) in ('ledger', 'staff'))
      with check (current_setting('scrip.role', true) = 'ledger')`);
  }
}
