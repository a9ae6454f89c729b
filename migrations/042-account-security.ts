import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/**
 * How people get in and stay in: links that are mailed, one-time codes, passkeys. The app finds them
 * before it knows who somebody is, so rows are not told apart by workspace; staff see none of them.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table mailed_links (
      token_hash text primary key,
      person_id uuid not null references people,
      purpose text not null constraint mailed_links_purpose_is_known
        check (purpose in ('address', 'password', 'undo')),
      address text not null,
      address_normalized text not null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create unique index mailed_links_newest_counts on mailed_links (person_id, purpose)
    where purpose <> 'undo'`.execute(db);
  await sql`create index mailed_links_that_undo on mailed_links (address_normalized)
    where purpose = 'undo'`.execute(db);
  await sql`create index mailed_links_by_person on mailed_links (person_id)`.execute(db);
  await sql`comment on column mailed_links.token_hash is
    'SHA-256 of the token, of which nothing else is kept'`.execute(db);
  await sql`comment on column mailed_links.purpose is
    'address: whoever opens it has the address, which becomes the person''s; password: a new one may be set; undo: the address before comes back'`.execute(
    db,
  );
  await sql`comment on column mailed_links.address is 'where it was sent'`.execute(db);

  await sql`
    alter table mails add column is_secret boolean not null default false`.execute(db);
  await sql`comment on column mails.is_secret is
    'whether the text lets its reader in: it is forgotten as soon as the mail is over'`.execute(db);

  await sql`
    create table totp_secrets (
      person_id uuid primary key references people,
      sealed text not null,
      last_step bigint not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on column totp_secrets.sealed is
    'the secret, encrypted with a key that the database does not know'`.execute(db);
  await sql`comment on column totp_secrets.last_step is
    'the 30 seconds, counted from 1970, of the newest code that was used: none is good twice'`.execute(
    db,
  );
  await sql`
    create table backup_codes (
      person_id uuid not null references people,
      number integer not null constraint backup_codes_number_is_a_digit check (number between 0 and 9),
      code_hash text not null,
      primary key (person_id, number)
    )`.execute(db);
  await sql`comment on table backup_codes is 'Those that are left: a code that was used is deleted'`.execute(
    db,
  );
  await sql`
    create table passkeys (
      id uuid primary key,
      person_id uuid not null references people,
      credential_id text not null constraint passkeys_are_one_persons unique,
      public_key bytea not null,
      counter bigint not null constraint passkeys_counter_is_not_negative check (counter >= 0),
      transports text[] not null,
      name text not null,
      created_at timestamptz not null default now(),
      last_used_at timestamptz
    )`.execute(db);
  await sql`create index passkeys_by_person on passkeys (person_id)`.execute(db);
  await sql`comment on column passkeys.counter is
    'what the device counted last; 0 for those that do not count'`.execute(db);
  await giveAccess(db);
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  const roles = await haveRoles(db);
  if (!roles) return;
  await sql`grant select, insert, update, delete on
    mailed_links, totp_secrets, backup_codes, passkeys to scrip_app`.execute(db);
}
