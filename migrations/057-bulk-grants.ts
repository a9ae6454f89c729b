import { type Kysely, sql } from 'kysely';

/** Grants of a file can be stopped; each of its rows may expire on a day of its own. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table bulk_grants
      drop column expires_at,
      alter column reason drop not null,
      add column started_by uuid references people,
      drop constraint bulk_grants_state_is_known,
      add constraint bulk_grants_state_is_known
        check (state in ('checked', 'running', 'stopped', 'done')),
      add constraint bulk_grants_say_who_began_them_and_why
        check (state = 'checked' or (reason is not null and started_by is not null))`.execute(db);
  await sql`comment on column bulk_grants.started_by is
    'who confirmed it; made_by: who had the file read'`.execute(db);
  await sql`comment on column bulk_grants.total is
    'in micro-credits, of the rows that are right'`.execute(db);
  await sql`
    alter table bulk_grant_rows
      add column note text,
      add column expires_at timestamptz`.execute(db);
  await sql`comment on column bulk_grant_rows.note is
    'the reason of this grant; null: that of the file'`.execute(db);
  await sql`comment on column bulk_grant_rows.expires_at is
    'when the credits expire; null: never'`.execute(db);
  await sql`create index bulk_grant_rows_of_a_wallet on bulk_grant_rows (wallet_id)`.execute(db);
}
