import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/** Which preset a database has, so that no process sells by another without being told to. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table preset_in_use (
      singleton boolean primary key default true
        constraint preset_in_use_is_one check (singleton),
      preset text not null,
      chosen_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    insert into preset_in_use (preset, chosen_at)
    select preset, applied_at from preset_versions order by applied_at desc limit 1`.execute(db);
  if (!(await haveRoles(db))) return;
  await sql`grant select, insert, update on preset_in_use to scrip_app`.execute(db);
  await sql`grant select on preset_in_use to scrip_staff`.execute(db);
}
