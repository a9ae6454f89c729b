import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, haveRoles } from './access.ts';

/*
 * Rollups also say whose usage it was: the key and the person who asked. Both are few, so that the
 * rollups of a wallet hardly grow. Whom a caller says it was for may be many thousands: these have a
 * table of their own, with rows for entries that say one, so that all other reads stay as small.
 *
 * The rollups that are there know nothing of this. They are thrown away and made again by the job's
 * next run; until then reads take the entries.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`truncate entry_rollups, rollup_progress`.execute(db);
  await sql`update ledger_progress set done_until = null where task = 'rollups'`.execute(db);
  await sql`
    alter table entry_rollups
      add column api_key_id uuid not null,
      add column person_id uuid not null,
      drop constraint entry_rollups_pkey,
      add primary key (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation, api_key_id,
        person_id) include (workspace_id, first_seq, last_seq, entry_count, amount, balance_change)`.execute(
    db,
  );
  await customerRollups(db);
  await describe(db, 'entry_rollups');
  await describe(db, 'customer_rollups');
  await giveAccess(db);
}

async function customerRollups(db: Kysely<never>): Promise<void> {
  await sql`
    create table customer_rollups (
      wallet_id uuid not null,
      workspace_id uuid not null,
      quarter_hour timestamptz not null,
      occurred_quarter_hour timestamptz not null,
      kind text not null,
      operation text not null,
      api_key_id uuid not null,
      person_id uuid not null,
      on_behalf_of text not null,
      first_seq bigint not null,
      last_seq bigint not null,
      entry_count bigint not null,
      amount numeric not null,
      quantity numeric not null,
      primary key (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation, api_key_id,
        person_id, on_behalf_of)
    )`.execute(db);
  await sql`create index customer_rollups_by_occurrence
    on customer_rollups (wallet_id, occurred_quarter_hour)`.execute(db);
  await sql`create index customer_rollups_by_customer
    on customer_rollups (wallet_id, on_behalf_of, occurred_quarter_hour)`.execute(db);
  await sql`create index customer_rollups_by_age on customer_rollups using brin (quarter_hour)
    with (autosummarize = on)`.execute(db);
  await sql`comment on table customer_rollups is
    'As entry_rollups, of those entries alone that say for whom they were'`.execute(db);
}

async function describe(db: Kysely<never>, table: string): Promise<void> {
  const say = (column: string, words: string): Promise<unknown> =>
    sql.raw(`comment on column ${table}.${column} is '${words}'`).execute(db);
  const ROOT = 'of a capture that of its hold, of a refund that of what it gives back';
  await say('operation', `empty for none; ${ROOT}`);
  await say('api_key_id', `zeros for none; ${ROOT}`);
  await say('person_id', `who asked in person, zeros for none; ${ROOT}`);
}

/** The app reads those of the workspace that its transaction names; the ledger writes them. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  const table = 'customer_rollups';
  await run(`alter table ${table} enable row level security`);
  if (!roles) {
    await run(`alter table ${table} force row level security`);
    await run(`create policy ${table}_of_own_workspace on ${table}
      using (${OWN_WORKSPACE} or current_setting('scrip.role', true) in ('ledger', 'staff'))
      with check (current_setting('scrip.role', true) = 'ledger')`);
    return;
  }
  await run(
    `create policy ${table}_of_own_workspace on ${table} for select to scrip_app using (${OWN_WORKSPACE})`,
  );
  await run(
    `create policy ${table}_for_ledger on ${table} to scrip_ledger using (true) with check (true)`,
  );
  await run(`create policy ${table}_for_staff on ${table} for select to scrip_staff using (true)`);
  await run(`grant select on ${table} to scrip_app, scrip_staff`);
  await run(`grant select, insert, update, delete on ${table} to scrip_ledger`);
}
