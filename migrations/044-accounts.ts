import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/** What somebody shows of themselves, and that they are gone. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table person_pictures (
      -- In its address: random, so that nobody finds a picture by the id of a person.
      id uuid primary key,
      person_id uuid not null references people,
      image bytea not null,
      created_at timestamptz not null default now(),
      constraint person_pictures_are_one_for_each_person unique (person_id),
      constraint person_pictures_are_small check (octet_length(image) <= 65536)
    )`.execute(db);
  await sql`
    alter table people
      add column picture_id uuid,
      add column deleted_at timestamptz,
      add constraint people_who_are_deleted_keep_nothing_personal check (
        deleted_at is null or (
          deactivated_at is not null and password_hash is null and google_subject is null
          and email_verified_at is null and staff_role is null and picture_id is null
        )
      )`.execute(db);
  const roles = await haveRoles(db);
  if (roles) {
    await sql`grant select, insert, update, delete on person_pictures to scrip_app`.execute(db);
    await sql`grant select on person_pictures to scrip_staff`.execute(db);
    await sql`grant select (picture_id, deleted_at) on people to scrip_staff`.execute(db);
  }
}
