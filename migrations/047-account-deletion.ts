import { type Kysely, sql } from 'kysely';

/** Billing details are for invoices to come, which have a copy: they go with the workspace. */
export async function up(db: Kysely<never>): Promise<void> {
  const found = await sql<{ usable: boolean }>`
    select count(*) = 3 as usable from pg_roles
    where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
      and pg_has_role(current_user, oid, 'member')`.execute(db);
  if (found.rows[0]?.usable === true) {
    await sql`grant delete on billing_details to scrip_app`.execute(db);
  }
}
