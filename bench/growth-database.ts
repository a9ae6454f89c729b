import path from 'node:path';
import type { Running } from '../src/program.ts';
import { rollUp } from '../src/ledger/rollups.ts';
import { type Connections, connect } from '../src/lib/database.ts';
import { type Customer, customersIn, loadCustomers } from './customers.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { onlyOnce } from './program.ts';
import { type Server, release, startServer } from './server.ts';

/** A database of a size, under load in turn with the other. */
export interface Sized {
  name: 'small' | 'large';
  entries: number;
  folder: string;
}

/** Nobody would miss what is being loaded: it goes as fast as it can. */
const FOR_LOADING = {
  shared_buffers: '2GB',
  max_wal_size: '16GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  maintenance_work_mem: '512MB',
  autovacuum: 'off',
  checkpoint_timeout: '1h',
};

/**
 * One customer has a tenth of all entries, the others the rest in equal parts: up to 10,000 of them,
 * and each with a grant at least.
 */
export async function loadSized(running: Running, { folder, entries }: Sized): Promise<void> {
  const first = Math.floor(entries / 10);
  const others = Math.min(10_000, entries - first);
  const each = Math.floor((entries - first) / others);
  await loadEntries(running, folder, { count: others + 1, first, each });
}

/**
 * A database in which the first of some customers has so many entries, and each other one so many.
 * @param more loads what else there is, while it goes as fast as it can
 */
export async function loadEntries(
  running: Running,
  folder: string,
  { count, first, each }: { count: number; first: number; each: number },
  more: (postgres: Postgres) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const postgres = await startPostgres(running, folder, { settings: FOR_LOADING, durable: false });
  await release(postgres.url);
  await loadCustomers(postgres, {
    count,
    lots: 1,
    granted_micro: 10n ** 13n,
    debits_first: first - 1,
    debits_each: each - 1,
  });
  await rollUpAll(postgres.url);
  await more(postgres);
  await keepCopy(postgres);
  await postgres.query('vacuum analyze');
  await postgres.query('checkpoint');
  await postgres.stop();
}

/** As the job does. */
async function rollUpAll(url: string): Promise<void> {
  const connections = await connect({ url, poolMax: 2, onError: () => undefined });
  try {
    await rollUp(connections.ledgerJobs);
  } finally {
    await connections.close();
  }
}

/** A database with the program on it, ready for load. */
export interface Serving {
  sized: Sized;
  postgres: Postgres;
  server: Server;
  /** In this process, for what is read. */
  connections: Connections;
  customers: Customer[];
  stop: () => Promise<void>;
}

export async function serve(
  running: Running,
  sized: Sized,
  settings: Record<string, string>,
): Promise<Serving> {
  const postgres = await startPostgres(running, sized.folder, { settings });
  const folder = path.dirname(sized.folder);
  const server = await startServer(running, { databaseUrl: postgres.url, folder });
  const connections = await connect({ url: postgres.url, poolMax: 2, onError: () => undefined });
  const stop = onlyOnce(async () => {
    await connections.close();
    await server.stop();
    await postgres.stop();
  });
  const customers = await customersIn(postgres);
  const serving = { sized, postgres, server, connections, customers, stop };
  return running.start(() => Promise.resolve(serving), stop);
}

/** The tables that say whose wallet a row is, and the wallets. */
const LEDGER_TABLES = `
  select distinct table_name as name from information_schema.columns
  join information_schema.tables using (table_schema, table_name)
  where table_schema = 'public' and table_type = 'BASE TABLE'
    and (column_name = 'wallet_id' or table_name = 'wallets')`;

async function keepCopy({ query }: Postgres): Promise<void> {
  const [found] = await query<{ entries: string }>('select count(*) as entries from entries');
  if (Number(found?.entries) > COPIED_ENTRIES_MAX) return;
  for (const { name } of await query<{ name: string }>(LEDGER_TABLES)) {
    await query(`create table bench.${name} as table public.${name}`);
  }
}

const COPIED_ENTRIES_MAX = 100_000;

/** Puts a small database back to what was loaded: else the load itself would make it large. */
export async function restore({ postgres: { query }, sized }: Serving): Promise<void> {
  if (sized.entries > COPIED_ENTRIES_MAX) return;
  const tables = (await query<{ name: string }>(LEDGER_TABLES)).map(({ name }) => name);
  await query(`
    set session_replication_role = replica;
    truncate ${tables.map((name) => `public.${name}`).join(', ')};
    ${tables.map((name) => `insert into public.${name} table bench.${name};`).join('\n')}
    set session_replication_role = default`);
  await query('vacuum analyze');
}
