import { type Kysely, sql } from 'kysely';

/** What may be forgotten after a time: never an entry, but what was said of it. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table ledger_progress drop constraint ledger_progress_task_is_known`.execute(db);
  await sql`
    alter table ledger_progress add constraint ledger_progress_task_is_known
      check (task in ('verify', 'rollups', 'retention'))`.execute(db);
  await sql`insert into ledger_progress (task) values ('retention')`.execute(db);
  const found = await sql<{ usable: boolean }>`
    select count(*) = 3 as usable from pg_roles
    where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
      and pg_has_role(current_user, oid, 'member')`.execute(db);
  if (found.rows[0]?.usable === true) {
    await sql`grant delete on entry_details to scrip_ledger`.execute(db);
  }
}
