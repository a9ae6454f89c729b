import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, haveRoles } from './access.ts';

/*
 * What the entries of each quarter hour UTC come to. Made from entries by a job, and made again at
 * any time: nothing is lost with them. The primary key has all columns in it, so that a month of a
 * wallet is read from a few pages of the index. Sums are numeric: many large amounts come to more
 * than a bigint.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table entry_rollups (
      wallet_id uuid not null,
      workspace_id uuid not null,
      quarter_hour timestamptz not null,
      occurred_quarter_hour timestamptz not null,
      kind text not null,
      operation text not null,
      first_seq bigint not null,
      last_seq bigint not null,
      entry_count bigint not null,
      amount numeric not null,
      balance_change numeric not null,
      quantity numeric not null,
      primary key (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation)
        include (workspace_id, first_seq, last_seq, entry_count, amount, balance_change)
    )`.execute(db);
  await sql`create index entry_rollups_by_occurrence
    on entry_rollups (wallet_id, occurred_quarter_hour)`.execute(db);
  await sql`create index entry_rollups_by_age on entry_rollups using brin (quarter_hour)
    with (autosummarize = on)`.execute(db);
  await sql`comment on column entry_rollups.quarter_hour is
    'when it begins, by the ledger time of the entries'`.execute(db);
  await sql`comment on column entry_rollups.occurred_quarter_hour is
    'the same by occurred_at, where the caller said one'`.execute(db);
  await sql`comment on column entry_rollups.operation is 'empty for none'`.execute(db);
  await sql`comment on column entry_rollups.balance_change is
    'by how much the entries changed available and held, less debt'`.execute(db);
  await sql`
    create table rollup_progress (
      wallet_id uuid primary key,
      workspace_id uuid not null,
      forgotten_seq bigint not null default 0,
      last_seq bigint not null default 0
    ) with (fillfactor = 50)`.execute(db);
  await sql`comment on table rollup_progress is
    'Which entries the rollups of a wallet consist of: those above one number, up to another'`.execute(
    db,
  );
  await giveAccess(db);
}

const TABLES = ['entry_rollups', 'rollup_progress'];

/** The app reads those of the workspace that its transaction names; the ledger writes them. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const table of TABLES) {
    await run(`alter table ${table} enable row level security`);
    if (!roles) {
      await run(`alter table ${table} force row level security`);
      await run(`create policy ${table}_of_own_workspace on ${table}
        using (${OWN_WORKSPACE} or current_setting('scrip.role', true) in ('ledger', 'staff'))
        with check (current_setting('scrip.role', true) = 'ledger')`);
      continue;
    }
    await run(
      `create policy ${table}_of_own_workspace on ${table} for select to scrip_app using (${OWN_WORKSPACE})`,
    );
    await run(
      `create policy ${table}_for_ledger on ${table} to scrip_ledger using (true) with check (true)`,
    );
    await run(
      `create policy ${table}_for_staff on ${table} for select to scrip_staff using (true)`,
    );
    await run(`grant select on ${table} to scrip_app, scrip_staff`);
    await run(`grant select, insert, update, delete on ${table} to scrip_ledger`);
  }
}
