import { type Kysely, sql } from 'kysely';

/*
 * A key of the service belongs to no workspace: it is seen and written where a transaction names
 * none, and hidden from the pages of every workspace.
 */
export async function up(db: Kysely<never>): Promise<void> {
  const own = `workspace_id is not distinct from nullif(current_setting('scrip.workspace_id', true), '')::uuid`;
  const found = await sql<{ roles: string[] }>`
    select roles::text[] as roles from pg_policies
    where schemaname = current_schema() and tablename = 'api_keys'
      and policyname = 'api_keys_of_own_workspace'`.execute(db);
  const forAll = found.rows[0]?.roles.includes('public') === true;
  const whole = forAll ? ` or current_setting('scrip.role', true) in ('ledger', 'staff')` : '';
  await sql
    .raw(
      `alter policy api_keys_of_own_workspace on api_keys using (${own}${whole}) with check (${own})`,
    )
    .execute(db);
}
