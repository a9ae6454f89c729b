import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/lib/embedded-postgres.ts';
import type { Running } from '../src/program.ts';
import { processorSecondsOfFamily } from './processor.ts';
import { onlyOnce } from './program.ts';

export type SettingsName = 'default' | 'recommended';

/** PostgreSQL as it comes, or as docs/operations.md recommends it. */
export const SETTINGS: Record<SettingsName, Record<string, string>> = {
  default: {},
  recommended: {
    shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`,
    max_wal_size: '16GB',
    checkpoint_timeout: '30min',
    wal_compression: 'on',
  },
};

/** @throws Error when there are no such settings */
export function settingsNameOf(text: string): SettingsName {
  if (text === 'default' || text === 'recommended') return text;
  throw new Error(`There are no settings ${text}: default and recommended are known.`);
}

/** A PostgreSQL that only the benchmark uses. */
export interface Postgres {
  url: string;
  version: string;
  /** One statement, as the superuser. */
  query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** What its processes have used of the processors since they started. */
  processorSeconds: () => number;
  stop: () => Promise<void>;
}

/** A folder that PostgreSQL can reach, whoever runs it; removed at the end. */
export async function temporaryFolder(running: Running): Promise<string> {
  return running.start(
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'scrip-bench-'));
      await chmod(folder, 0o711);
      return folder;
    },
    (folder) => rm(folder, { recursive: true, force: true }),
  );
}

/**
 * Starts PostgreSQL on a folder, new or used before.
 * @param durable false only while rows are loaded that nobody would miss
 */
export async function startPostgres(
  running: Running,
  folder: string,
  { settings, durable = true }: { settings: Record<string, string>; durable?: boolean },
): Promise<Postgres> {
  return running.start(
    async () => {
      const embedded = await startEmbeddedPostgres({ folder, durable, settings });
      const pool = new pg.Pool({ connectionString: embedded.url, max: 4 });
      pool.on('error', () => undefined);
      const query = async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
        (await pool.query<Row>(text, values)).rows;
      if (durable) await requireDurability(query);
      const [found] = await query<{ version: string; pid: number }>(
        `select current_setting('server_version') as version,
           pg_read_file('postmaster.pid')::text as pid`,
      );
      const postmaster = Number.parseInt(String(found?.pid), 10);
      return {
        url: embedded.url,
        version: found?.version ?? '',
        query,
        processorSeconds: () => processorSecondsOfFamily(postmaster),
        stop: onlyOnce(async () => {
          await pool.end();
          await embedded.stop();
        }),
      };
    },
    (postgres) => postgres.stop(),
  );
}

/** What is not on the disk is not measured as if it were. */
async function requireDurability(
  query: (text: string) => Promise<Record<string, unknown>[]>,
): Promise<void> {
  const found = await query(
    `select name from pg_settings
     where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'`,
  );
  if (found.length > 0) throw new Error(`PostgreSQL is not durable: ${JSON.stringify(found)}`);
}

const TMPFS = 0x01021994;

/** Whether a flush reaches a disk at all; in memory it costs nothing. */
export async function isInMemory(folder: string): Promise<boolean> {
  return (await statfs(folder)).type === TMPFS;
}
