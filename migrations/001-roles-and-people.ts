import { type Kysely, sql } from 'kysely';

/**
 * The roles that the program's connections take on. Where the host gives a user that may not create
 * roles there are none: then row-level security is forced on the one user, and its pools say which
 * of the three they are in the setting scrip.role.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    do $$
    declare name text;
    begin
      foreach name in array array['scrip_app', 'scrip_ledger', 'scrip_staff'] loop
        begin
          execute format('create role %I nologin', name);
        exception
          when duplicate_object or unique_violation then null;
          when insufficient_privilege then null;
        end;
      end loop;
    end $$`.execute(db);

  await sql`
    create table people (
      id uuid primary key,
      email text not null,
      email_normalized text not null constraint people_have_one_account_per_address unique,
      email_verified_at timestamptz,
      name text not null,
      password_hash text,
      google_subject text constraint people_have_one_account_per_google_subject unique,
      staff_role text constraint people_staff_role_is_known
        check (staff_role in ('support', 'finance', 'admin', 'super_admin')),
      time_zone text not null default 'UTC',
      locale text not null default 'en',
      deactivated_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on column people.email_normalized is
    'what decides whether two addresses are one person: trimmed, lower case, NFKC'`.execute(db);
  await sql`comment on column people.password_hash is
    'argon2id in PHC form; null for people who sign in with Google only'`.execute(db);

  await sql`
    create table sessions (
      sid text primary key,
      sess json not null,
      expire timestamptz not null,
      person_id uuid generated always as ((sess::jsonb #>> '{passport,user}')::uuid) stored
    )`.execute(db);
  await sql`create index sessions_by_expiry on sessions (expire)`.execute(db);
  await sql`create index sessions_by_person on sessions (person_id)`.execute(db);

  await sql`
    create table rate_limits (
      key text primary key,
      points integer not null default 0,
      expire bigint
    )`.execute(db);
}
