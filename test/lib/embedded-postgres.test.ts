import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/lib/embedded-postgres.ts';
import { markOf } from '../../src/lib/embedded-postgres/process.ts';

/** A folder that was used before, whose server is stopped; making one takes a second. */
let used: string;
/** A folder that does not exist yet. */
let fresh: string;
let parent: string;

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scrip-embedded-'));
  await chmod(folder, 0o711);
  return folder;
}

beforeAll(async () => {
  used = path.join(await openFolder(), 'pg');
  await (await start(used)).stop();
});

afterAll(async () => {
  await rm(path.dirname(used), { recursive: true });
});

beforeEach(async () => {
  parent = await openFolder();
  fresh = path.join(parent, 'pg');
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

const start = (folder: string, options: Partial<EmbeddedPostgresOptions> = {}) =>
  startEmbeddedPostgres({ folder, durable: false, ...options });

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function serverProcess(): Promise<number> {
  const text = await readFile(path.join(used, 'cluster/postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen.');
  return address.port;
}

describe('an embedded PostgreSQL', () => {
  test('starts in an empty folder and answers as its superuser, on this machine alone', async () => {
    const database = await start(fresh, { settings: { max_connections: '17' } });
    expect(database.adopted).toBe(false);
    expect(database.url).toMatch(/^postgresql:\/\/scrip:[\w-]{32}@127\.0\.0\.1:\d+\/scrip$/);
    const [row] = await query<Record<string, unknown>>(
      database.url,
      `select current_user as who, rolsuper, current_setting('listen_addresses') as addresses,
              current_setting('unix_socket_directories') as sockets, datlocale as locale,
              pg_encoding_to_char(encoding) as encoding, current_setting('max_connections') as most,
              current_setting('fsync') as fsync
       from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
    );
    expect(row).toEqual({
      who: 'scrip',
      rolsuper: true,
      addresses: '127.0.0.1',
      sockets: '',
      locale: 'C.UTF-8',
      encoding: 'UTF8',
      most: '17',
      fsync: 'off',
    });
    expect((await stat(path.join(fresh, 'password'))).mode & 0o777).toBe(0o600);
    const wrong = database.url.replace(/scrip:[^@]+/, 'scrip:guess');
    await expect(query(wrong, 'select 1')).rejects.toThrow('password authentication failed');
    await database.stop();
  });

  test('keeps its data, password and port from start to start', async () => {
    const first = await start(used);
    await query(first.url, 'create table kept as select 7 as seven');
    await first.stop();
    const second = await start(used);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select seven from kept')).toEqual([{ seven: 7 }]);
    await second.stop();
  });

  test('leaves no process behind when it is stopped, even twice', async () => {
    const database = await start(used);
    const pid = await serverProcess();
    await Promise.all([database.stop(), database.stop()]);
    expect(markOf(pid)).toBeUndefined();
    await expect(query(database.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    expect(await readdir(path.join(used, 'users'))).toEqual([]);
  });

  test('starts below a folder that only its owner may enter, whoever runs it', async () => {
    await chmod(parent, 0o700);
    const said: string[] = [];
    const first = await start(fresh, { say: (sentence) => said.push(sentence) });
    await query(first.url, 'create table kept as select 7 as seven');
    await first.stop();
    const second = await start(fresh, { say: (sentence) => said.push(sentence) });
    expect(await query(second.url, 'select seven from kept')).toEqual([{ seven: 7 }]);
    await second.stop();
    if (process.getuid?.() === 0) {
      expect(said).toEqual([expect.stringContaining(`is kept in ${first.folder}, because`)]);
      expect(second.folder).toBe(first.folder);
      await rm(first.folder, { recursive: true });
    } else {
      expect([said, first.folder]).toEqual([[], fresh]);
    }
  });

  test('is made again from the beginning when a kill left it half made', async () => {
    await mkdir(path.join(fresh, 'cluster.partial-0/base'), { recursive: true });
    const database = await start(fresh);
    expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.stop();
    expect((await readdir(fresh)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('starts when the number in postmaster.pid belongs to another program by now', async () => {
    const file = path.join(used, 'cluster/postmaster.pid');
    const lines = [process.pid, path.join(used, 'cluster'), 1, 1, '', '127.0.0.1', '', 'ready'];
    await writeFile(file, lines.join('\n'), { mode: 0o600 });
    const database = await start(used);
    expect(database.adopted).toBe(false);
    await database.stop();
  });

  test('takes another port when somebody has its own, and says so', async () => {
    const port = await readFile(path.join(used, 'port'), 'utf8');
    const other = await listen(Number(port));
    const said: string[] = [];
    const second = await start(used, { say: (sentence) => said.push(sentence) });
    expect(said).toEqual([
      `Port ${port} is taken; the embedded database listens on ${new URL(second.url).port}.`,
    ]);
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.stop();
    other.close();
  });

  test('refuses a port that was asked for and is taken', async () => {
    const other = await listen(0);
    await expect(start(used, { settings: { port: String(portOf(other)) } })).rejects.toThrow(
      `The embedded database in ${used} cannot start: port ${String(portOf(other))} of 127.0.0.1 is taken by another program. End that program,`,
    );
    other.close();
  });
});

describe('an embedded PostgreSQL whose folder was damaged', () => {
  const damages: [what: string, damage: () => Promise<void>, sentence: RegExp][] = [
    [
      'has no PG_VERSION',
      () => rm(path.join(used, 'cluster/PG_VERSION')),
      /its file cluster\/PG_VERSION is missing or empty\. Move the folder away/,
    ],
    [
      'is of another major version',
      () => writeFile(path.join(used, 'cluster/PG_VERSION'), '15\n'),
      /its files are of PostgreSQL 15, and this program brings PostgreSQL 18\. Go back/,
    ],
    [
      'has no control file',
      () => rm(path.join(used, 'cluster/global/pg_control')),
      /its files are damaged \(cluster\/global\/pg_control is missing\)/,
    ],
    [
      'has a control file full of nothing',
      () => writeFile(path.join(used, 'cluster/global/pg_control'), Buffer.alloc(8192)),
      /its files are .*\. Move the folder away[^]*The log \(.*postgres\.log\) ends with:\n {2}/,
    ],
    [
      'is open to others',
      () => chmod(path.join(used, 'cluster'), 0o755),
      /is open to other users\. Run: chmod 700 /,
    ],
    [
      'has lost its password',
      () => rm(path.join(used, 'password')),
      /its password file .* is missing or empty\. Put it back\./,
    ],
    [
      'has another password than the file',
      () => writeFile(path.join(used, 'password'), 'guess'),
      /does not answer as expected: password authentication failed/,
    ],
  ];

  /** The files of tables, without the caches that each start makes anew. */
  async function tables(): Promise<string[]> {
    const files = await readdir(path.join(used, 'cluster/base'), { recursive: true });
    return files.filter((file) => !file.endsWith('pg_internal.init')).sort();
  }

  test('says in a sentence what is wrong and how to mend it, and deletes nothing', async () => {
    const files = ['password', 'cluster/PG_VERSION', 'cluster/global/pg_control'];
    const whole = await Promise.all(files.map((file) => readFile(path.join(used, file))));
    const { uid, gid } = await stat(path.join(used, 'cluster'));
    for (const [what, damage, sentence] of damages) {
      await damage();
      const before = await tables();
      const error: unknown = await start(used).catch((reason: unknown) => reason);
      expect(String(error), what).toMatch(sentence);
      expect(String(error), what).toContain(
        `EmbeddedPostgresError: The embedded database in ${used}`,
      );
      expect(await tables(), what).toEqual(before);
      for (const [index, file] of files.entries()) {
        await writeFile(path.join(used, file), whole[index] ?? '');
        await chown(path.join(used, file), uid, gid);
      }
      await chmod(path.join(used, 'cluster'), 0o700);
    }
    await (await start(used)).stop();
  });

  test('shows what PostgreSQL said when it refuses a setting', async () => {
    await expect(start(used, { settings: { max_connections: 'many' } })).rejects.toThrow(
      /it refuses a setting\. Correct the setting and start again\.[^]*invalid value for parameter/,
    );
  });
});
