import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** What changed, by id; all of it where somebody lost count. */
export type Changed = readonly string[] | 'all';

const CHANNEL = 'scrip_changes';
const ALL = '*';
/** Notices of a process are so far apart; what changed meanwhile is told together. */
const PAUSE_MILLISECONDS = 100;
/** PostgreSQL takes fewer than 8000 bytes; an id and its comma are 37. */
const IDS_IN_NOTICE = 200;
/** With more that nobody could be told of, everything is told to have changed. */
const IDS_MAX = 20_000;
const RETRY_MILLISECONDS = { first: 250, most: 10_000 };
const TELL_AGAIN_MILLISECONDS = 1_000;
/** A connection that breaks without a word is noticed by asking. */
const PROOF_OF_LIFE_MILLISECONDS = 30_000;

/**
 * Tells every process what this one has committed, and this one what others have, on a connection of
 * its own. Nobody waits for it and nothing depends on it: what is lost is told as "all" later. A
 * process that neither changes anything nor listens has no connection.
 */
export class ChangeNotices {
  private readonly config: pg.ClientConfig;
  private readonly onError: (error: Error) => void;
  private changed = new Set<string>();
  private lostCount = false;
  private hear: ((changed: Changed) => void) | undefined;
  private line: Promise<pg.Client> | undefined;
  private due: NodeJS.Timeout | undefined;
  private toldAt = -Infinity;
  private telling: Promise<void> | undefined;
  private isListening = false;
  private readonly closing = new AbortController();

  constructor(config: pg.ClientConfig, onError: (error: Error) => void) {
    this.config = config;
    this.onError = onError;
  }

  /** Something that is committed by now, or may be, changed these. Returns at once. */
  mark(ids: Iterable<string>): void {
    for (const id of ids) this.changed.add(id);
    if (this.changed.size > IDS_MAX) this.loseCount();
    this.tellSoon();
  }

  /**
   * From now on `hear` is called with what any process changed; with "all" whenever something may
   * have been missed: once it begins to listen, and after each time when it could not.
   */
  listen(hear: (changed: Changed) => void): void {
    this.hear = hear;
    if (this.isListening) return;
    this.isListening = true;
    void this.keepListening();
  }

  /** Tells what is not told yet, and ends the connection. */
  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.due);
    await this.telling;
    if (this.hasNews()) await this.tell().catch(() => undefined);
    const line = this.line;
    this.line = undefined;
    await line?.then((client) => client.end()).catch(() => undefined);
  }

  private hasNews(): boolean {
    return this.lostCount || this.changed.size > 0;
  }

  private loseCount(): void {
    this.changed.clear();
    this.lostCount = true;
  }

  private tellSoon(after = PAUSE_MILLISECONDS): void {
    if (this.due !== undefined || this.telling !== undefined || this.closing.signal.aborted) return;
    if (!this.hasNews()) return;
    const pause = Math.max(0, this.toldAt + after - performance.now());
    this.due = setTimeout(() => {
      this.due = undefined;
      let next = PAUSE_MILLISECONDS;
      this.telling = this.tell()
        .catch(() => {
          this.loseCount();
          next = TELL_AGAIN_MILLISECONDS;
        })
        .finally(() => {
          this.telling = undefined;
          this.tellSoon(next);
        });
    }, pause);
  }

  private async tell(): Promise<void> {
    this.toldAt = performance.now();
    const ids = [...this.changed];
    const payloads = this.lostCount ? [ALL] : [];
    this.changed = new Set();
    this.lostCount = false;
    for (let from = 0; from < ids.length; from += IDS_IN_NOTICE) {
      payloads.push(ids.slice(from, from + IDS_IN_NOTICE).join(','));
    }
    const client = await this.connected();
    await client.query({
      name: 'tell',
      text: 'select pg_notify($1, payload) from unnest($2::text[]) as payload',
      values: [CHANNEL, payloads],
    });
  }

  /** The connection: the one that there is, or a new one. */
  private connected(): Promise<pg.Client> {
    if (this.line !== undefined) return this.line;
    const client = new pg.Client(this.config);
    const lose = (): void => {
      if (this.line === line) this.line = undefined;
    };
    client.on('error', (error) => {
      lose();
      this.onError(error);
    });
    client.on('end', lose);
    client.on('notification', ({ payload = ALL }) => {
      this.hear?.(payload === ALL ? 'all' : payload.split(','));
    });
    const line = client.connect().then(
      () => client,
      (error: unknown) => {
        lose();
        throw error;
      },
    );
    this.line = line;
    return line;
  }

  private async keepListening(): Promise<void> {
    const { signal } = this.closing;
    let pause = RETRY_MILLISECONDS.first;
    while (!signal.aborted) {
      try {
        const client = await this.connected();
        await client.query(`listen ${CHANNEL}`);
        pause = RETRY_MILLISECONDS.first;
        this.hear?.('all');
        await this.untilLost(client);
      } catch {
        pause = Math.min(2 * pause, RETRY_MILLISECONDS.most);
      }
      await wait(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns when the connection is no more; one that does not answer is thrown away. */
  private async untilLost(client: pg.Client): Promise<void> {
    const lost = new AbortController();
    client.once('end', () => {
      lost.abort();
    });
    const signal = AbortSignal.any([lost.signal, this.closing.signal]);
    for (;;) {
      await wait(PROOF_OF_LIFE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await client.query('select').catch((error: unknown) => {
        this.line = undefined;
        void client.end().catch(() => undefined);
        throw error;
      });
    }
  }
}
