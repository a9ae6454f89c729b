import { type Kysely, sql } from 'kysely';

/*
 * How migrations fence tables in. Databases were made by what stands here, so that it may be added
 * to and is never changed.
 */

export const OWN_WORKSPACE = `workspace_id = nullif(current_setting('scrip.workspace_id', true), '')::uuid`;
export const OWN_PERSON = `person_id = nullif(current_setting('scrip.person_id', true), '')::uuid`;

/** Whether the three roles are there to be taken on; else one user is told apart by a setting. */
export async function haveRoles(db: Kysely<never>): Promise<boolean> {
  const found = await sql<{ usable: boolean }>`
    select count(*) = 3 as usable from pg_roles
    where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
      and pg_has_role(current_user, oid, 'member')`.execute(db);
  return found.rows[0]?.usable === true;
}

export interface Fence {
  table: string;
  /** What the app sees. */
  seen: string;
  /** What the app writes; what it sees, if nothing is said. */
  written?: string;
  /** Whether the ledger and its jobs work on the whole table too. */
  forLedger: boolean;
}

/** The app sees and writes rows of its own, the ledger all if it has to, the staff reads all. */
export async function fence(
  db: Kysely<never>,
  roles: boolean,
  { table, seen, written = seen, forLedger }: Fence,
): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  await run(`alter table ${table} enable row level security`);
  if (!roles) {
    const whole = forLedger ? `in ('ledger', 'staff')` : `= 'staff'`;
    const ledgers = forLedger ? `or current_setting('scrip.role', true) = 'ledger'` : '';
    await run(`alter table ${table} force row level security`);
    await run(`create policy ${table}_of_own_workspace on ${table}
      using (${seen} or current_setting('scrip.role', true) ${whole})
      with check (${written} ${ledgers})`);
    return;
  }
  await run(`create policy ${table}_of_own_workspace on ${table} to scrip_app
    using (${seen}) with check (${written})`);
  await run(`create policy ${table}_for_staff on ${table} for select to scrip_staff using (true)`);
  if (!forLedger) return;
  await run(
    `create policy ${table}_for_ledger on ${table} to scrip_ledger using (true) with check (true)`,
  );
}
