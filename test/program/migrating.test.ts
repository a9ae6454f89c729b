import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../migrations/all.ts';
import { migrate } from '../../src/lib/migrate.ts';
import { type EmptyDatabase, emptyDatabase } from './databases.ts';
import { run, startServer } from './started.ts';

/** Migrations after this one alter tables that it has, and make new ones. */
const HALF = '047';

let database: EmptyDatabase;
let settings: { DATABASE_URL: string };
let half: Schema;
beforeAll(async () => {
  database = await emptyDatabase();
  settings = { DATABASE_URL: database.url };
  const first = Object.entries(migrations).filter(([name]) => name < HALF);
  await migrate({ url: database.url, migrations: Object.fromEntries(first) });
  half = await schema();
});
afterAll(() => database.drop());

interface Schema {
  migrations: string[];
  columns: unknown[];
}

/** The migrations that ran, and all that they made. */
async function schema(): Promise<Schema> {
  const ran = await database.query<{ name: string }>(
    'select name from kysely_migration order by name',
  );
  const columns = await database.query(
    `select table_name, column_name, data_type, is_nullable from information_schema.columns
     where table_schema = 'public' order by table_name, column_name`,
  );
  return { migrations: ran.map(({ name }) => name), columns };
}

/** Keeps a table that is to be altered, so that whoever migrates stops in the middle of it. */
async function keepTable(table: string): Promise<() => Promise<void>> {
  const keeper = new pg.Client({ connectionString: database.url });
  await keeper.connect();
  await keeper.query(`begin; lock table ${table} in access share mode`);
  return () => keeper.end();
}

/** Until so many wait for a table, and so many for those who migrate. */
const waitFor = (tables: number, migrators: number) =>
  expect
    .poll(
      () =>
        database.query(
          `select count(*) filter (where locktype = 'relation')::int as tables,
             count(*) filter (where locktype = 'advisory')::int as migrators
           from pg_locks where not granted
             and database = (select oid from pg_database where datname = current_database())`,
        ),
      { timeout: 60_000, interval: 50 },
    )
    .toEqual([{ tables, migrators }]);

describe('attack 61: a database that is migrated half way', () => {
  test('is as it was when a migration fails, and the release step says what to do', async () => {
    await database.query('create table staff_requests (taken text)');
    const before = await schema();
    const { code, out, err } = await run(['src/migrate.ts'], settings).ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('The database could not be brought up to date.');
    expect(err).toContain('The migration 050-staff failed');
    expect(err).toContain('The schema is as it was');
    expect(err).toContain('relation "staff_requests" already exists');
    expect(await schema()).toEqual(before);
    await database.query('drop table staff_requests');
  });

  test('is as it was when the release step is killed in the middle of a migration', async () => {
    const release = await keepTable('people');
    const step = run(['src/migrate.ts'], settings);
    await waitFor(1, 0);
    step.child.kill('SIGKILL');
    expect((await step.ended).signal).toBe('SIGKILL');
    await release();
    // What it had begun goes on in the database until that finds nobody to answer to.
    await waitFor(0, 0);
    await expect.poll(schema, { timeout: 30_000 }).toEqual(half);
  });

  test('is migrated by one of three servers that start at once; the others wait, and all serve', async () => {
    const release = await keepTable('people');
    const starting = [1, 2, 3].map(() => startServer({ ...settings, MIGRATE_ON_BOOT: '1' }));
    await waitFor(1, 2);
    expect(await schema()).toEqual(half);
    await release();
    const servers = await Promise.all(starting);
    for (const { url } of servers) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const [migrated] = await database.query<{ names: string[] }>(
      `select array_agg(name order by name) as names from kysely_migration`,
    );
    expect(migrated?.names).toEqual(Object.keys(migrations).sort());
    const ended = await Promise.all(servers.map((server) => server.stop()));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  });
});
