import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';
import type { BurnRate } from '../core/burn-rates.ts';
import { type Balance, balancesOf } from '../ledger/balances.ts';
import type { LevelLimits } from '../core/levels.ts';
import { alertDefaultsNow, levelAt, rateNow } from '../ledger/levels.ts';
import type { Changed } from '../lib/change-notices.ts';
import type { Connections } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import type { Reader } from '../lib/formatting.ts';
import { renderView } from '../lib/rendering.ts';
import { type Onlooker, stillAllowed } from './onlookers.ts';
import { type Purse, purseOf } from './scope.ts';

/** A page that is open somewhere, and is told of each change of what its header shows. */
export interface Stream extends Onlooker {
  res: Response;
  wallet_id: string;
  /** Where the pages are. */
  base: string;
  reader: Reader;
  /** What it was told last. */
  told?: string;
}

/** A wallet that somebody looks at. */
interface Watched {
  streams: Set<Stream>;
  /** What it is now, once it was read. */
  purse?: Purse;
  /** The same as it is written, by who reads it. */
  texts: Map<string, string>;
  /** What its level goes by beside the balance. */
  rate?: { value: BurnRate | undefined; read_at: number };
}

export interface LiveLimits {
  streams: number;
  streams_of_one: number;
  /** Each stream has its turn so often: is it allowed still? And a sign of life. */
  round_seconds: number;
}

const LIMITS: LiveLimits = { streams: 10_000, streams_of_one: 20, round_seconds: 20 };
/** Balances are read so seldom, however many notices come. */
const PAUSE_MILLISECONDS = 100;
/** A pause is so many times as long as what it follows: who spends comes before who looks. */
const PAUSE_TIMES = 4;
const PAUSE_MILLISECONDS_MAX = 1_000;
/** A rate is that of whole days: only use that is told of late changes it before the day is over. */
const RATE_MILLISECONDS = 600_000;
const RATES_AT_ONCE = 3;
/** After a fault of the database. */
const RETRY_MILLISECONDS = 1_000;
/** Whoever reads so slowly does not read. */
const UNREAD_BYTES_MAX = 64 * 1024;

/**
 * The open pages of this process. A change that any process tells of is read once, for all wallets
 * that somebody looks at here, and written to their pages; of others nothing is read.
 */
export class LiveBalances {
  private readonly connections: Connections;
  private readonly limits: LiveLimits;
  private readonly wallets = new Map<string, Watched>();
  private readonly turns: readonly Set<Stream>[];
  private readonly countByOnlooker = new Map<string, number>();
  private count = 0;
  private opened = 0;
  private readonly changed = new Set<string>();
  private reading: Promise<void> | undefined;
  private clock: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(connections: Connections, limits = LIMITS) {
    this.connections = connections;
    this.limits = limits;
    this.turns = Array.from({ length: limits.round_seconds }, () => new Set<Stream>());
  }

  /**
   * Answers with a stream of purses: the one of now, and one for each change until the page is
   * closed, its reader may not see it any more, or the program stops.
   * @throws AppError 429 or 503 when there are too many: the page then stays as it is
   */
  open(stream: Stream): void {
    this.refuseTooMany(stream);
    const { res, wallet_id } = stream;
    if (this.opened === 0) this.begin();
    const watched = this.wallets.get(wallet_id) ?? { streams: new Set(), texts: new Map() };
    this.wallets.set(wallet_id, watched);
    watched.streams.add(stream);
    const turn = this.turns[this.opened % this.turns.length];
    turn?.add(stream);
    this.opened += 1;
    this.countOf(stream, 1);
    res.once('close', () => {
      watched.streams.delete(stream);
      turn?.delete(stream);
      this.countOf(stream, -1);
      if (watched.streams.size === 0) this.wallets.delete(wallet_id);
    });
    res.writeHead(200, {
      'Content-Type': 'text/event-stream',
      // Neither kept, nor packed by anybody, nor gathered by a proxy until there is more of it.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    res.write('retry: 1000\n\n');
    this.readSoon([wallet_id]);
  }

  /** Ends all streams; pages come back to another process. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.clock);
    for (const { streams } of this.wallets.values()) for (const { res } of streams) res.end();
    await this.reading;
  }

  private refuseTooMany({ key }: Stream): void {
    if (this.stopping || this.count >= this.limits.streams) {
      throw new AppError(503, 'too_many_streams', 'Balances are not shown live at the moment.', {
        retry_after_seconds: 60,
      });
    }
    if ((this.countByOnlooker.get(key) ?? 0) >= this.limits.streams_of_one) {
      throw new AppError(
        429,
        'too_many_streams',
        'So many pages are not kept up to date at once.',
        {
          retry_after_seconds: 60,
        },
      );
    }
  }

  private countOf({ key }: Stream, more: 1 | -1): void {
    this.count += more;
    const count = (this.countByOnlooker.get(key) ?? 0) + more;
    if (count === 0) this.countByOnlooker.delete(key);
    else this.countByOnlooker.set(key, count);
  }

  private begin(): void {
    this.connections.notices.listen((changed) => {
      this.hear(changed);
    });
    let second = 0;
    this.clock = setInterval(() => {
      second += 1;
      const turn = this.turns[second % this.turns.length];
      if (turn !== undefined && turn.size > 0) void this.lookAfter([...turn]);
    }, 1_000);
  }

  private hear(changed: Changed): void {
    this.readSoon(changed === 'all' ? this.wallets.keys() : changed);
  }

  private readSoon(walletIds: Iterable<string>): void {
    for (const id of walletIds) if (this.wallets.has(id)) this.changed.add(id);
    if (this.changed.size === 0 || this.stopping) return;
    this.reading ??= this.readChanged().finally(() => {
      this.reading = undefined;
    });
  }

  private async readChanged(): Promise<void> {
    while (this.changed.size > 0 && !this.stopping) {
      const ids = [...this.changed].filter((id) => this.wallets.has(id));
      this.changed.clear();
      const began = performance.now();
      let pause = 0;
      try {
        await this.tellAll(await balancesOf(this.connections.staff, ids));
      } catch {
        for (const id of ids) this.changed.add(id);
        pause = RETRY_MILLISECONDS;
      }
      const fair = Math.min(PAUSE_MILLISECONDS_MAX, PAUSE_TIMES * (performance.now() - began));
      await wait(Math.max(pause, PAUSE_MILLISECONDS, fair));
    }
  }

  /** Those first of which the level can be told without asking again. */
  private async tellAll(balances: readonly Balance[]): Promise<void> {
    const fresh = performance.now() - RATE_MILLISECONDS;
    const isRated = ({ wallet_id }: Balance): boolean =>
      (this.wallets.get(wallet_id)?.rate?.read_at ?? -Infinity) > fresh;
    const limits = await alertDefaultsNow();
    for (const balance of balances.filter(isRated)) this.tell(balance, limits);
    const others = balances.filter((balance) => !isRated(balance));
    while (others.length > 0 && !this.stopping) {
      await Promise.all(
        others.splice(0, RATES_AT_ONCE).map(async (balance) => {
          const value = await rateNow(this.connections.staff, balance);
          const watched = this.wallets.get(balance.wallet_id);
          if (watched !== undefined) watched.rate = { value, read_at: performance.now() };
          this.tell(balance, limits);
        }),
      );
    }
  }

  /** Writes to those for whom the purse is another one than before. */
  private tell(balance: Balance, limits: LevelLimits): void {
    const watched = this.wallets.get(balance.wallet_id);
    if (watched === undefined) return;
    const purse = purseOf(balance, levelAt(balance, watched.rate?.value, limits));
    const { available_micro, level, seq } = watched.purse ?? {};
    const isSame = available_micro === purse.available_micro && level === purse.level;
    if (!isSame || seq !== purse.seq) watched.texts.clear();
    watched.purse = purse;
    for (const stream of watched.streams) {
      const { base, reader } = stream;
      const written = `${base} ${JSON.stringify(reader)}`;
      const text =
        watched.texts.get(written) ??
        messageOf(renderView('_purse-figure', { workspace: { base }, purse }, reader));
      watched.texts.set(written, text);
      if (stream.told !== text) stream.res.write(text);
      stream.told = text;
    }
  }

  /** The turn of some streams. Whoever is gone for good is told so, and does not come back. */
  private async lookAfter(streams: readonly Stream[]): Promise<void> {
    const allowed = await stillAllowed(this.connections, streams).catch(() => undefined);
    for (const stream of streams) {
      const { res } = stream;
      if (allowed !== undefined && !allowed.has(stream)) res.end('event: over\ndata:\n\n');
      else if (res.writableLength > UNREAD_BYTES_MAX) res.destroy();
      else res.write(':\n\n');
    }
  }
}

/** A message without a name, which htmx puts into the page. */
function messageOf(html: string): string {
  return `data: ${html.trim().replaceAll('\n', '\ndata: ')}\n\n`;
}
