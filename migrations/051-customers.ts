import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/** What staff find customers by, what they write about them, and what they do once. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const index of INDEXES) await sql.raw(index).execute(db);
  await sql`
    create table customer_notes (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      person_id uuid not null references people,
      note text not null constraint customer_notes_say_something
        check (length(note) between 1 and 2000),
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index customer_notes_newest on customer_notes (workspace_id, id)`.execute(db);
  await sql`
    create table staff_deeds (
      nonce uuid primary key,
      person_id uuid not null references people,
      content_hash text not null,
      done_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on table staff_deeds is
    'Forms of the staff that were carried out: one that is sent twice is carried out once'`.execute(
    db,
  );
  await sql`
    create table bulk_grants (
      id uuid primary key,
      made_by uuid not null references people,
      file_name text not null,
      file_hash text not null,
      reason text not null,
      expires_at timestamptz,
      state text not null default 'checked' constraint bulk_grants_state_is_known
        check (state in ('checked', 'running', 'done')),
      row_count integer not null constraint bulk_grants_have_rows check (row_count > 0),
      total bigint not null constraint bulk_grants_total_is_not_negative check (total >= 0),
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      constraint bulk_grants_are_done_at_a_time check ((state = 'done') = (finished_at is not null)),
      constraint bulk_grants_run_since_a_time check ((state = 'checked') = (started_at is null))
    )`.execute(db);
  await sql`create index bulk_grants_running on bulk_grants (started_at) where state = 'running'`.execute(
    db,
  );
  await sql`create index bulk_grants_of_one_file on bulk_grants (file_hash)`.execute(db);
  await sql`
    create table bulk_grant_rows (
      bulk_grant_id uuid not null references bulk_grants,
      number integer not null,
      customer text not null,
      written_amount text not null,
      wallet_id uuid references wallets,
      amount bigint constraint bulk_grant_rows_amount_is_positive check (amount > 0),
      state text not null constraint bulk_grant_rows_state_is_known
        check (state in ('waiting', 'granted', 'refused')),
      fault text,
      entry_seq bigint,
      primary key (bulk_grant_id, number),
      constraint bulk_grant_rows_say_why_they_are_refused
        check ((state = 'refused') = (fault is not null)),
      constraint bulk_grant_rows_name_their_entry
        check ((state = 'granted') = (entry_seq is not null)),
      constraint bulk_grant_rows_that_wait_are_whole
        check (state <> 'waiting' or (wallet_id is not null and amount is not null))
    )`.execute(db);
  await sql`comment on column bulk_grant_rows.number is
    'the line of the file; with the file it is the key of the grant, so that no line is given twice'`.execute(
    db,
  );
  await sql`create index bulk_grant_rows_waiting on bulk_grant_rows (bulk_grant_id, number)
    where state = 'waiting'`.execute(db);
  await giveAccess(db);
}

/** Words of a name: signs part them, and case does not matter. */
const words = (column: string): string =>
  `to_tsvector('simple', regexp_replace(${column}, '[!-/:-@\\[-\`{-~]+', ' ', 'g'))`;

const INDEXES = [
  `create index workspaces_by_words_of_name on workspaces using gin (${words('name')})`,
  `create index people_by_words_of_name on people using gin (${words('name')})`,
  `create index people_by_beginning_of_address on people (email_normalized text_pattern_ops)`,
  `create index workspaces_by_beginning_of_address on workspaces (lower(email) text_pattern_ops)
    where email is not null`,
  `create index workspaces_by_kind on workspaces (kind, id)`,
  `create index workspaces_deactivated on workspaces (id) where deactivated_at is not null`,
  `create index people_deactivated on people (id) where deactivated_at is not null`,
  `create index wallets_frozen on wallets (workspace_id) where frozen_at is not null and livemode`,
  `create index alerts_of_low_balances on alerts (workspace_id)
    where kind = 'balance_low' and ended_at is null and livemode`,
];

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  await fence(db, roles, { table: 'customer_notes', seen: OWN_WORKSPACE, forLedger: false });
  if (!roles) return;
  await run('grant select, insert on customer_notes, staff_deeds to scrip_app');
  await run('grant select, insert, update on bulk_grants, bulk_grant_rows to scrip_app');
  await run(`grant select on customer_notes, staff_deeds, bulk_grants, bulk_grant_rows
    to scrip_staff`);
}
