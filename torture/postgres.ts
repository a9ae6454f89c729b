import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/lib/embedded-postgres.ts';
import { markOf } from '../src/lib/embedded-postgres/process.ts';
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.ts';

/**
 * A wait for a lock is looked into early, so that a deadlock is one before the ledger gives up; and
 * the log needs little room, as checkpoints are many.
 */
const SETTINGS = { deadlock_timeout: '20ms', max_wal_size: '64MB', min_wal_size: '32MB' };
const ANSWER_MILLISECONDS_MAX = 60_000;

/** A durable PostgreSQL of its own, which may be killed, behind a proxy, which may cut. */
export class Postgres {
  private readonly folder: string;
  private embedded: EmbeddedPostgres;
  readonly proxy: PostgresProxy;

  private constructor(folder: string, embedded: EmbeddedPostgres, proxy: PostgresProxy) {
    this.folder = folder;
    this.embedded = embedded;
    this.proxy = proxy;
  }

  static async start(folder: string): Promise<Postgres> {
    const embedded = await startEmbeddedPostgres({ folder, settings: SETTINGS });
    return new Postgres(folder, embedded, await startPostgresProxy(portOf(embedded)));
  }

  /** Past the proxy. */
  get url(): string {
    return this.embedded.url;
  }

  /** Through the proxy: the same as long as it lives, wherever PostgreSQL listens. */
  get urlOfProxy(): string {
    return this.url.replace(/:\d+\/scrip$/, `:${this.proxy.port}/scrip`);
  }

  /** A connection of the superuser, past the proxy. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      options: '-c default_transaction_read_only=off',
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** One statement on a connection of its own. */
  async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends the whole server at once, nothing being saved, and returns when it is gone. */
  async kill(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    const pid = await this.pid();
    if (pid !== undefined) process.kill(pid, signal);
    await this.embedded.stop();
  }

  /** Waits while it repairs itself, and starts it again where it has ended. */
  async revive(): Promise<void> {
    const until = performance.now() + ANSWER_MILLISECONDS_MAX;
    while (!(await this.answers())) {
      if (performance.now() > until) throw new Error('PostgreSQL does not come back');
      if ((await this.pid()) === undefined) await this.startAgain();
      else await pause(25);
    }
  }

  private async startAgain(): Promise<void> {
    await this.embedded.stop();
    this.embedded = await startEmbeddedPostgres({ folder: this.folder, settings: SETTINGS });
    this.proxy.target = portOf(this.embedded);
  }

  /** The process that all others of the server come from. */
  private async pid(): Promise<number | undefined> {
    const file = path.join(this.embedded.folder, 'cluster', 'postmaster.pid');
    const text = await readFile(file, 'utf8').catch(() => '');
    const pid = Number.parseInt(text, 10);
    return markOf(pid) === undefined ? undefined : pid;
  }

  private async answers(): Promise<boolean> {
    return this.query('select 1').then(
      () => true,
      () => false,
    );
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await this.embedded.stop();
  }
}

function portOf({ url }: EmbeddedPostgres): number {
  return Number(new URL(url).port);
}
