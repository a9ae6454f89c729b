import { type Kysely, sql } from 'kysely';

/*
 * Who may touch which rows. The app sees the rows of the workspace that its transaction names, the
 * ledger sees all wallets, the staff role reads everything and writes nothing. Nobody changes
 * or deletes entries and audit events: the grants leave it out, and triggers refuse it to the owner
 * as well, which is all there is where the host gives only one user.
 */

const TENANT_TABLES = [
  'wallets',
  'lots',
  'holds',
  'hold_lots',
  'entries',
  'entry_details',
  'refund_totals',
  'counters',
  'budgets',
  'ledger_outbox',
  'subscriptions',
  'payments',
];
const LEDGER_TABLES = TENANT_TABLES.slice(0, 10);
const APPEND_ONLY = ['entries', 'audit_events'];

const OWN_WORKSPACE = `workspace_id = nullif(current_setting('scrip.workspace_id', true), '')::uuid`;
/** What is written names a wallet of the own workspace: others are not seen, so they are not found. */
const OWN_WALLET = `${OWN_WORKSPACE} and wallet_id in (select w.id from wallets w)`;
const OWN_PERSON = `person_id = nullif(current_setting('scrip.person_id', true), '')::uuid`;

export async function up(db: Kysely<never>): Promise<void> {
  const roles = await haveRoles(db);
  for (const table of APPEND_ONLY) await refuseChanges(db, table);
  for (const table of TENANT_TABLES) {
    await fence(
      db,
      roles,
      table,
      OWN_WORKSPACE,
      table === 'wallets' || table === 'subscriptions' ? OWN_WORKSPACE : OWN_WALLET,
    );
  }
  await fence(db, roles, 'memberships', `${OWN_WORKSPACE} or ${OWN_PERSON}`, OWN_WORKSPACE);
  await fence(
    db,
    roles,
    'workspaces',
    `id = nullif(current_setting('scrip.workspace_id', true), '')::uuid
     or id in (select m.workspace_id from memberships m where m.${OWN_PERSON})`,
    `id = nullif(current_setting('scrip.workspace_id', true), '')::uuid`,
  );
  await fence(db, roles, 'audit_events', OWN_WORKSPACE, `workspace_id is null or ${OWN_WORKSPACE}`);
  await fence(db, roles, 'api_keys', OWN_WORKSPACE);
  await fence(db, roles, 'price_rules', `workspace_id is null or ${OWN_WORKSPACE}`);
  if (roles) await grantToRoles(db);
}

async function haveRoles(db: Kysely<never>): Promise<boolean> {
  const found = await sql<{ usable: boolean }>`
    select count(*) = 3 as usable from pg_roles
    where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
      and pg_has_role(current_user, oid, 'member')`.execute(db);
  return found.rows[0]?.usable === true;
}

async function fence(
  db: Kysely<never>,
  roles: boolean,
  table: string,
  seen: string,
  written = seen,
): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  await run(`alter table ${table} enable row level security`);
  if (roles) {
    await run(`create policy ${table}_of_own_workspace on ${table} to scrip_app
      using (${seen}) with check (${written})`);
    await run(
      `create policy ${table}_for_ledger on ${table} to scrip_ledger using (true) with check (true)`,
    );
    await run(
      `create policy ${table}_for_staff on ${table} for select to scrip_staff using (true)`,
    );
    return;
  }
  const whole = `current_setting('scrip.role', true) in ('ledger', 'staff')`;
  await run(`alter table ${table} force row level security`);
  await run(`create policy ${table}_of_own_workspace on ${table}
    using (${seen} or ${whole})
    with check (${written} or current_setting('scrip.role', true) = 'ledger')`);
}

async function refuseChanges(db: Kysely<never>, table: string): Promise<void> {
  await sql`
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'rows of % are never changed or deleted', tg_table_name
        using errcode = 'insufficient_privilege';
    end $$`.execute(db);
  await sql
    .raw(
      `create trigger ${table}_are_never_changed before update or delete or truncate on ${table}
       for each statement execute function refuse_change()`,
    )
    .execute(db);
}

async function grantToRoles(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const ledgerTables = LEDGER_TABLES.filter((table) => table !== 'entries').join(', ');
  await run(`grant usage on schema public to scrip_app, scrip_ledger, scrip_staff`);
  await run(`grant select on all tables in schema public to scrip_app, scrip_staff`);
  await run(`revoke select on people, sessions from scrip_staff`);
  await run(`grant select (id, email, email_normalized, email_verified_at, name, staff_role, time_zone,
    locale, deactivated_at, created_at, updated_at) on people to scrip_staff`);
  await run(`grant insert on all tables in schema public to scrip_app`);
  await run(`revoke insert on kysely_migration, kysely_migration_lock from scrip_app`);
  await run(`grant update on people, workspaces, memberships, api_keys, operations, packages,
    package_prices, plans, plan_prices, subscriptions, payments, stripe_events, ${ledgerTables} to scrip_app`);
  await run(`grant delete on memberships, package_prices, budgets to scrip_app`);
  await run(`grant select, insert, update, delete on sessions, rate_limits to scrip_app`);
  await run(`grant select, insert, update on ${ledgerTables} to scrip_ledger`);
  await run(`grant select, insert on entries to scrip_ledger`);
  await run(`grant delete on ledger_outbox to scrip_ledger`);
  await run(`grant select on workspaces, memberships, api_keys, operations, price_rules,
    plans, subscriptions to scrip_ledger`);
}
