import { Kysely, type Transaction, sql } from 'kysely';
import pg, { TypeOverrides } from 'pg';
import { TellingDialect } from './after-commit.ts';
import { ChangeNotices } from './change-notices.ts';
import type { DB } from './database-types.ts';
import { GatheringSocket } from './gathering-socket.ts';
import { Reading } from './reading.ts';

export type Database = DB;
/** May read. */
export type Db = Kysely<Database>;
/** May write: whoever asks for one wants to run inside a transaction that somebody else opened. */
export type Trx = Transaction<Database>;

/** How the program's connections are kept apart: by database roles, or by a setting of one user. */
export type Separation = 'roles' | 'one_user';

/** The program's connections, each in the role that it needs. */
export interface Connections {
  /** Sees the rows of the workspace that its transaction names (`inWorkspace`). */
  app: Db;
  /** Reads everything and writes nothing: for staff, and to find out whose a thing is. */
  staff: Db;
  /** The ledger's own: all wallets. */
  ledger: pg.Pool;
  /** The ledger's role for jobs, which take as long as they take. */
  ledgerJobs: Db;
  /** Sessions, rate limits and the job queue, with whole numbers as JavaScript numbers, as those libraries expect. */
  plain: pg.Pool;
  /** Tells what was committed to all processes. */
  notices: ChangeNotices;
  /** All pools by what they are for: to be looked at only. */
  pools: Readonly<Record<string, pg.Pool>>;
  separation: Separation;
  close(): Promise<void>;
}

export interface ConnectOptions {
  url: string;
  ssl?: pg.PoolConfig['ssl'];
  poolMax: number;
  /** An idle connection that breaks is replaced; this is told of it. */
  onError: (error: Error) => void;
}

/** int8 as bigint for our own pools only: libraries that share the driver expect its defaults. */
const exactTypes = new TypeOverrides();
exactTypes.setTypeParser(pg.types.builtins.INT8, BigInt);
const INT8_ARRAY = 1016;
exactTypes.setTypeParser(INT8_ARRAY, (text) =>
  text.slice(1, -1).split(',').filter(Boolean).map(BigInt),
);
/** "char"[] comes as {a,c}, which the driver leaves alone. */
const CHAR_ARRAY = 1002;
exactTypes.setTypeParser(CHAR_ARRAY, (text) => text.slice(1, -1).split(',').filter(Boolean));

/** A wallet that is locked for longer is set aside by the ledger, and the rest goes on. */
const LEDGER_LOCK_TIMEOUT = 50;
/**
 * The ledger's statements are few, and each finds its rows by an index whatever it is asked: they
 * are planned once per connection, also when the tables are still empty.
 */
const LEDGER_PLANS = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';

const UNHURRIED = { statement_timeout: 0, query_timeout: 0 };

/** How is read by what else is written. */
const readings = new WeakMap<Db, Reading>();

/** Opens the pools. Connections are made on first use; only the separation is asked for now. */
export async function connect(options: ConnectOptions): Promise<Connections> {
  const separation = await separationOf(options);
  const settingOf = (role: string): string =>
    separation === 'roles' ? `role=scrip_${role}` : `scrip.role=${role}`;
  const pool = (role: 'app' | 'ledger' | 'staff', config: pg.PoolConfig): pg.Pool => {
    const made = new pg.Pool({
      connectionString: options.url,
      ssl: options.ssl,
      application_name: `scrip-${role}`,
      // A database that is silent must not keep anybody waiting: the server's time-out comes first,
      // ours is for when the server does not speak any more.
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      query_timeout: 15_000,
      keepAlive: true,
      idle_in_transaction_session_timeout: 10_000,
      options: `-c ${settingOf(role)}`,
      ...config,
    });
    made.on('error', options.onError);
    made.on('connect', (client) => client.on('error', options.onError));
    return made;
  };
  const notices = new ChangeNotices(
    {
      connectionString: options.url,
      ssl: options.ssl,
      application_name: 'scrip-notices',
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      keepAlive: true,
      // A notice is worth no wait for the disk.
      options: '-c synchronous_commit=off',
    },
    options.onError,
  );
  const kysely = (from: pg.Pool): Db => new Kysely({ dialect: new TellingDialect(from, notices) });
  const pipelined = { pipeline: true, stream: () => new GatheringSocket() };
  const ledger = pool('ledger', {
    max: options.poolMax,
    types: exactTypes,
    ...pipelined,
    lock_timeout: LEDGER_LOCK_TIMEOUT,
    options: `-c ${settingOf('ledger')} ${LEDGER_PLANS}`,
  });
  const plain = pool('app', { max: 6 });
  const pools = {
    ledger,
    plain,
    app: pool('app', { max: options.poolMax, types: exactTypes, ...pipelined }),
    // The proof of the ledger takes as long as it takes.
    staff: pool('staff', { max: 4, types: exactTypes, ...UNHURRIED }),
    ledgerJobs: pool('ledger', { max: 2, types: exactTypes, ...UNHURRIED }),
  };
  const app = kysely(pools.app);
  readings.set(app, new Reading(pools.app));
  const staff = kysely(pools.staff);
  const ledgerJobs = kysely(pools.ledgerJobs);
  return {
    app,
    staff,
    ledger,
    ledgerJobs,
    plain,
    notices,
    pools,
    separation,
    close: async () => {
      await notices.close();
      const kyselies = [app, staff, ledgerJobs].map((one) => one.destroy());
      await Promise.all([...kyselies, ledger.end(), plain.end()]);
    },
  };
}

/** Asks with one connection whether the migrations could make the roles and we may take them on. */
async function separationOf(options: ConnectOptions): Promise<Separation> {
  const client = new pg.Client({ connectionString: options.url, ssl: options.ssl });
  await client.connect();
  try {
    const found = await client.query<{ count: string }>(
      `select count(*) from pg_roles where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
       and pg_has_role(current_user, oid, 'member')`,
    );
    return found.rows[0]?.count === '3' ? 'roles' : 'one_user';
  } finally {
    await client.end();
  }
}

/**
 * Runs `work` in a transaction that sees and writes the rows of one workspace only: the database
 * itself hides all others from it.
 */
export async function inWorkspace<Result>(
  db: Db,
  workspaceId: string,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (trx) => {
    await enterWorkspace(trx, workspaceId);
    return work(trx);
  });
}

/**
 * As `inWorkspace`, for reading: whatever is asked is of one moment, and nothing can be written. What
 * is asked at once (`Promise.all`) is one message to the database.
 * @param db `connections.app`
 */
export function readWorkspace<Result>(
  db: Db,
  workspaceId: string,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return readingOf(db).as('scrip.workspace_id', workspaceId, work);
}

/** The same as a person: their workspaces and memberships are seen. */
export function readAsPerson<Result>(
  db: Db,
  personId: string,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return readingOf(db).as('scrip.person_id', personId, work);
}

function readingOf(db: Db): Reading {
  const reading = readings.get(db);
  if (reading === undefined) throw new Error('only what the app may see is read like this');
  return reading;
}

/** Names the workspace of a transaction that is open already, for one that makes the workspace. */
export async function enterWorkspace(trx: Trx, workspaceId: string): Promise<void> {
  await sql`select set_config('scrip.workspace_id', ${workspaceId}, true)`.execute(trx);
}
