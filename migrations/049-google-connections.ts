import { type Kysely, sql } from 'kysely';

/** Google is connected to an account and disconnected from it by whoever is signed in. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table people
      add column google_email text
        constraint people_have_the_address_of_a_google_account_that_is_connected
        check (google_email is null or google_subject is not null),
      add column google_disconnected_at timestamptz,
      add constraint people_connect_google_to_a_verified_address
        check (google_subject is null or email_verified_at is not null)`.execute(db);
  await sql`comment on column people.google_email is
    'what Google says the address is, to be shown; null until the next sign-in with it'`.execute(
    db,
  );
  await sql`comment on column people.google_disconnected_at is
    'since then a sign-in with Google does not connect it again by the address alone'`.execute(db);
}
