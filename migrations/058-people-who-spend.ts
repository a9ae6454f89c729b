import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/** Whether somebody who spends is shut out is looked up by the ledger, under the wallet's lock. */
export async function up(db: Kysely<never>): Promise<void> {
  if (!(await haveRoles(db))) return;
  await sql`grant select (id, deactivated_at) on people to scrip_ledger`.execute(db);
}
