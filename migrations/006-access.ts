import { type Kysely, sql } from 'kysely';
import { OWN_PERSON, OWN_WORKSPACE, fence, haveRoles } from './access.ts';

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

/** What is written names a wallet of the own workspace: others are not seen, so they are not found. */
const OWN_WALLET = `${OWN_WORKSPACE} and wallet_id in (select w.id from wallets w)`;

export async function up(db: Kysely<never>): Promise<void> {
  const roles = await haveRoles(db);
  for (const table of APPEND_ONLY) await refuseChanges(db, table);
  for (const table of TENANT_TABLES) {
    await fence(db, roles, {
      table,
      seen: OWN_WORKSPACE,
      written: table === 'wallets' || table === 'subscriptions' ? OWN_WORKSPACE : OWN_WALLET,
      forLedger: true,
    });
  }
  const own = `id = nullif(current_setting('scrip.workspace_id', true), '')::uuid`;
  const others = {
    memberships: { seen: `${OWN_WORKSPACE} or ${OWN_PERSON}`, written: OWN_WORKSPACE },
    workspaces: {
      seen: `${own} or id in (select m.workspace_id from memberships m where m.${OWN_PERSON})`,
      written: own,
    },
    audit_events: { seen: OWN_WORKSPACE, written: `workspace_id is null or ${OWN_WORKSPACE}` },
    api_keys: { seen: OWN_WORKSPACE },
    price_rules: { seen: `workspace_id is null or ${OWN_WORKSPACE}` },
  };
  for (const [table, rows] of Object.entries(others)) {
    await fence(db, roles, { table, ...rows, forLedger: true });
  }
  if (roles) await grantToRoles(db);
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
