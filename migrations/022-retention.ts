import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/** What may be forgotten after a time: never an entry, but what was said of it. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table ledger_progress drop constraint ledger_progress_task_is_known`.execute(db);
  await sql`
    alter table ledger_progress add constraint ledger_progress_task_is_known
      check (task in ('verify', 'rollups', 'retention'))`.execute(db);
  await sql`insert into ledger_progress (task) values ('retention')`.execute(db);
  const roles = await haveRoles(db);
  if (roles) {
    await sql`grant delete on entry_details to scrip_ledger`.execute(db);
  }
}
