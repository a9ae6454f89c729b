import { runMigrations } from 'graphile-worker';
import { Kysely, PostgresDialect } from 'kysely';
import { type Migration, type MigrationResult, Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Db } from './database.ts';

export interface MigrateOptions {
  /** A user that may create tables, and roles where the host allows it. */
  url: string;
  ssl?: pg.PoolConfig['ssl'];
  /** The user of the program's own connections, when it is another: it is given the roles. */
  appUser?: string;
  migrations: Record<string, Migration>;
}

/**
 * Brings the schema up to date: ours and the job queue's. Safe to call from several processes at
 * once: one does it while the others wait.
 * @returns the names of the migrations that ran now
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: options.url, ssl: options.ssl, max: 3 });
  // A pool without a listener would end the process when the server closes an idle connection.
  const ignore = (): void => undefined;
  pool.on('error', ignore).on('connect', (client) => client.on('error', ignore));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({
      db,
      provider: {
        getMigrations: async () => ({ ...(await ranBefore(pool)), ...options.migrations }),
      },
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw migrationFault(results, error);
    await runMigrations({ pgPool: pool });
    await giveRoles(pool, options.appUser);
    return results.map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

/** All run in one transaction, so that whatever fails has left nothing. */
function migrationFault(results: readonly MigrationResult[], cause: unknown): Error {
  const failed = results.find(({ status }) => status === 'Error')?.migrationName;
  const what =
    failed === undefined ? 'The migrations could not begin' : `The migration ${failed} failed`;
  const sentence = `${what}. The schema is as it was: processes that run can go on. Put right what is said below, and run it again.`;
  return new Error(sentence, { cause });
}

/**
 * The migrations that ran, with nothing to do: among them those of a newer program, which leave the
 * database usable for this one. The migrator would refuse it because of them.
 */
async function ranBefore(pool: pg.Pool): Promise<Record<string, Migration>> {
  const known = await pool.query("select 1 where to_regclass('kysely_migration') is not null");
  if (known.rowCount === 0) return {};
  const { rows } = await pool.query<{ name: string }>('select name from kysely_migration');
  return Object.fromEntries(rows.map(({ name }) => [name, { up: () => Promise.resolve() }]));
}

/** Which of the migrations the database still lacks. */
export async function pendingMigrations(
  db: Db,
  migrations: Record<string, Migration>,
): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const known = await migrator.getMigrations();
  return known.filter((one) => one.executedAt === undefined).map((one) => one.name);
}

/**
 * Lets the program's user take on the roles, and opens the job queue to it: the queue's own tables
 * have row-level security without a policy, for the queue's owner only.
 */
async function giveRoles(pool: pg.Pool, appUser: string | undefined): Promise<void> {
  const found = await pool.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
     and pg_has_role(current_user, oid, 'member') order by rolname`,
  );
  if (found.rows.length < 3) {
    if (appUser === undefined) return;
    throw new Error(
      `The database's owner may not create roles, so there are none to give to the user ${appUser}. Use one user for both: leave MIGRATION_DATABASE_URL away and name the owner in DATABASE_URL.`,
    );
  }
  const roles = found.rows.map((row) => row.rolname).join(', ');
  const user = appUser === undefined ? 'current_user' : pg.escapeIdentifier(appUser);
  await pool.query(`
    do $$ begin
      grant ${roles} to ${user} with inherit false, set true;
    exception when others then
      -- The same grant from two processes at once: one of them has done it.
      if sqlstate not in ('XX000', '23505') then raise; end if;
    end $$`);
  await openQueue(pool);
}

async function openQueue(pool: pg.Pool): Promise<void> {
  await pool.query(`
    do $$
    declare name text;
    begin
      perform pg_advisory_xact_lock(hashtext('scrip: open the job queue'));
      grant usage on schema graphile_worker to scrip_app;
      grant select, insert, update, delete on all tables in schema graphile_worker to scrip_app;
      grant usage on all sequences in schema graphile_worker to scrip_app;
      for name in select relname from pg_class
        where relnamespace = 'graphile_worker'::regnamespace and relkind in ('r', 'p') and relrowsecurity
          and not exists (select from pg_policies where schemaname = 'graphile_worker'
            and tablename = relname and policyname = 'queue_for_app')
      loop
        execute format('create policy queue_for_app on graphile_worker.%I to scrip_app using (true) with check (true)', name);
      end loop;
    end $$`);
}
