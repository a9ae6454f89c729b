import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/** Billing details are for invoices to come, which have a copy: they go with the workspace. */
export async function up(db: Kysely<never>): Promise<void> {
  const roles = await haveRoles(db);
  if (roles) {
    await sql`grant delete on billing_details to scrip_app`.execute(db);
  }
}
