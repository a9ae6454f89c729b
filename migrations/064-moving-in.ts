import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/** What a product brought along when it moved in: its accounts, and each line that was taken in. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table moved_in_accounts (
      system text not null,
      account text not null,
      workspace_id uuid not null references workspaces,
      primary key (system, account)
    )`.execute(db);
  await sql`comment on column moved_in_accounts.account is
    'what the former system called them'`.execute(db);
  await sql`
    create table moved_in_rows (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      system text not null,
      form text not null,
      ref text not null,
      amount bigint not null,
      kind text not null,
      description text not null,
      at timestamptz,
      entry_seq bigint,
      moved_in_at timestamptz not null default now(),
      constraint moved_in_rows_are_taken_in_once unique (system, form, ref),
      constraint moved_in_rows_are_history_or_have_an_entry
        check ((entry_seq is null) = (form in ('credit_transactions', 'credit_logs', 'transactions'))),
      constraint moved_in_rows_of_history_have_a_time check (entry_seq is not null or at is not null)
    )`.execute(db);
  await sql`comment on column moved_in_rows.amount is
    'in micro-credits: of history as it was, which moves nothing here; else what was granted'`.execute(
    db,
  );
  await sql`comment on column moved_in_rows.entry_seq is
    'the entry that granted an opening balance'`.execute(db);
  await sql`create index moved_in_rows_newest on moved_in_rows (workspace_id, at, id)
    where entry_seq is null`.execute(db);
  const roles = await haveRoles(db);
  for (const table of ['moved_in_accounts', 'moved_in_rows']) {
    await fence(db, roles, { table, seen: OWN_WORKSPACE, forLedger: true });
  }
  if (!roles) return;
  await sql`grant select, insert on moved_in_accounts, moved_in_rows to scrip_app`.execute(db);
  await sql`grant select, insert on moved_in_rows to scrip_ledger`.execute(db);
  await sql`grant select on moved_in_accounts, moved_in_rows to scrip_staff`.execute(db);
}
