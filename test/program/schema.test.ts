import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmptyDatabase, emptyDatabase } from './databases.ts';
import { type Server, run, startServer } from './started.ts';

let database: EmptyDatabase;
let settings: { DATABASE_URL: string };
let server: Server;
let outcomes: string[];
beforeAll(async () => {
  database = await emptyDatabase();
  settings = { DATABASE_URL: database.url };
  const empty = await run(['src/server.ts'], { ...settings, PORT: '0' }).ended;
  expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('it lacks 001-')]);
  const releases = [1, 2, 3].map(() => run(['src/migrate.ts'], settings).ended);
  const ended = await Promise.all(releases);
  expect(ended.map(({ code, err }) => [code, err])).toEqual(Array(3).fill([0, '']));
  outcomes = ended.map(({ out }) => out).sort();
  server = await startServer(settings);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const LAST = "(select max(name) from kysely_migration where name < '9')";

describe('the schema of a database', () => {
  test('attack 61: is made once by three release steps at once, and what the preset sells too', async () => {
    expect(outcomes).toEqual([
      expect.stringMatching(/^Migrated: 001-/),
      'The database is up to date.\n',
      'The database is up to date.\n',
    ]);
    const [made] = await database.query(
      `select (select count(*) from packages)::int as packages,
              (select count(*) from package_prices)::int as prices,
              (select count(*) from operations)::int as operations,
              (select count(*) from price_rules)::int as rules`,
    );
    expect(made).toEqual({ packages: 3, prices: 6, operations: 4, rules: 4 });
  });

  test('attack 61: that lacks a migration makes a running server unready and keeps another from serving', async () => {
    const ready = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status;
    expect(await ready()).toBe(200);
    const [taken] = await database.query<{ name: string; timestamp: string }>(
      `delete from kysely_migration where name = ${LAST} returning *`,
    );
    expect(await ready()).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    for (const script of ['src/server.ts', 'src/worker.ts']) {
      const { code, err } = await run([script], { ...settings, PORT: '0' }).ended;
      expect([code, err]).toEqual([
        1,
        `The database is older than this program: it lacks ${taken?.name ?? ''}. Run node src/migrate.ts first, or set MIGRATE_ON_BOOT=1.\n`,
      ]);
    }
    await database.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
      taken?.name,
      taken?.timestamp,
    ]);
    expect(await ready()).toBe(200);
  });

  test('attack 60: that is newer than the program serves it, and its release step leaves it alone', async () => {
    await database.query(
      `insert into kysely_migration (name, timestamp) values ('999-later', now()::text)`,
    );
    expect(await run(['src/migrate.ts'], settings).ended).toMatchObject({
      code: 0,
      out: 'The database is up to date.\n',
      err: '',
    });
    const older = await startServer({ ...settings, MIGRATE_ON_BOOT: '1' });
    expect((await fetch(`${older.url}/readyz`)).status).toBe(200);
    await older.browser().get('/sign-up').expect(200);
    expect(await older.stop()).toMatchObject({ code: 0, err: '' });
  });
});
