import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/lib/embedded-postgres.ts';
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.ts';

/** A wait for a lock is looked into early, so that a deadlock is one before the ledger gives up. */
const SETTINGS = { deadlock_timeout: '20ms' };
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
    const file = path.join(this.embedded.folder, 'cluster', 'postmaster.pid');
    process.kill(Number.parseInt(await readFile(file, 'utf8'), 10), signal);
    await this.embedded.stop();
  }

  /** Starts it again where it has ended. */
  async revive(): Promise<void> {
    if (await this.answers()) return;
    await this.embedded.stop();
    this.embedded = await startEmbeddedPostgres({ folder: this.folder, settings: SETTINGS });
    this.proxy.target = portOf(this.embedded);
  }

  /** Waits while it repairs itself. */
  async untilItAnswers(): Promise<void> {
    const until = performance.now() + ANSWER_MILLISECONDS_MAX;
    while (!(await this.answers())) {
      if (performance.now() > until) throw new Error('PostgreSQL does not come back');
      await pause(25);
    }
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
