import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import type { ApiKey } from './api-keys.ts';

/** How many requests each key may make in a window. */
export interface RateLimits {
  /** A key of a workspace. */
  workspace: number;
  /** A key of the service. */
  service: number;
}

export const RATE_WINDOW_SECONDS = 60;
const KEYS_MAX = 20_000;

/** What this process knows of a key's window. */
interface KnownWindow {
  id: string;
  limit: number;
  /** When it ends: as the database says, which tells it from the one before; by the process's clock
   * that only goes on (`performance.now`), rather too early than too late. */
  ends: string;
  ends_at: number;
  /** Given to this process and not used yet. */
  own: number;
  /** Given to no process when the database was asked last. */
  left: number;
  waiting: Waiting[];
  asking: boolean;
}

interface Waiting {
  cost: number;
  pass: () => void;
  refuse: (error: unknown) => void;
}

/** Requests that the database gave to this process. */
interface Given {
  /** Tells a window from the one before. */
  ends: string;
  milliseconds: number;
  given: number;
  left: number;
}

/**
 * Limits how often each key is used, over all processes. A process is given requests ahead by the
 * database: as many as wait for it, or a hundredth of what is left of the window. So most are counted
 * in memory, none is counted twice, and what is given is never forgotten.
 */
export class ApiRateLimits {
  private readonly db: Db;
  private readonly limits: RateLimits;
  private readonly windows = new Map<string, KnownWindow>();

  constructor(db: Db, limits: RateLimits) {
    this.db = db;
    this.limits = limits;
  }

  /**
   * Counts so many requests of a key, at once where this process has them.
   * @throws AppError 429 `too_many_requests`, 413 for more at once than a window has
   */
  take(key: ApiKey, cost = 1): Promise<void> | undefined {
    const window = this.windowOf(key);
    if (cost > window.limit) throw tooManyAtOnce(window);
    if (window.waiting.length === 0 && performance.now() < window.ends_at) {
      if (window.own >= cost) {
        window.own -= cost;
        return undefined;
      }
      if (window.own + window.left < cost) throw tooMany(window);
    }
    return new Promise((pass, refuse) => {
      window.waiting.push({ cost, pass, refuse });
      if (!window.asking) void this.askFor(window);
    });
  }

  /**
   * The headers that tell a key how it stands, each followed by its value
   * (draft-ietf-httpapi-ratelimit-headers).
   */
  headersOf(key: ApiKey): string[] {
    const { limit, own, left, ends_at } = this.windowOf(key);
    const milliseconds = ends_at - performance.now();
    const [rest, seconds] =
      milliseconds > 0 ? [own + left, secondsOf(milliseconds)] : [limit, RATE_WINDOW_SECONDS];
    return [
      ...['RateLimit-Policy', `"key";q=${limit};w=${RATE_WINDOW_SECONDS}`],
      ...['RateLimit', `"key";r=${rest};t=${seconds}`],
    ];
  }

  private windowOf({ id, own }: ApiKey): KnownWindow {
    const known = this.windows.get(id);
    if (known !== undefined) return known;
    if (this.windows.size >= KEYS_MAX) {
      const [oldest] = this.windows.keys();
      if (oldest !== undefined) this.windows.delete(oldest);
    }
    const limit = own === undefined ? this.limits.service : this.limits.workspace;
    const nothing = { ends: '', ends_at: 0, own: 0, left: 0 };
    const window = { id, limit, ...nothing, waiting: [], asking: false };
    this.windows.set(id, window);
    return window;
  }

  /** Asks the database until nobody waits. Who comes meanwhile is asked for in the next round. */
  private async askFor(window: KnownWindow): Promise<void> {
    window.asking = true;
    while (window.waiting.length > 0) {
      const asked_at = performance.now();
      const own = asked_at < window.ends_at ? window.own : 0;
      const wanted = window.waiting.reduce((sum, { cost }) => sum + cost, -own);
      try {
        const { ends, milliseconds, given, left } = await this.ask(window, Math.max(1, wanted));
        window.own = (ends === window.ends ? window.own : 0) + given;
        Object.assign(window, { ends, left, ends_at: asked_at + milliseconds });
        serve(window);
      } catch (error) {
        for (const one of window.waiting.splice(0)) one.refuse(error);
      }
    }
    window.asking = false;
  }

  /** That it is on the disk need not be waited for: of a crash some requests more would come. */
  private async ask({ id, limit }: KnownWindow, wanted: number): Promise<Given> {
    const length = sql`make_interval(secs => ${RATE_WINDOW_SECONDS})`;
    const give = (left: ReturnType<typeof sql>) =>
      sql`greatest(0, least(${left}, greatest(${wanted}::int4, (${left}) / 100)))`;
    const found = await sql<Given>`
      insert into api_rate_windows as known (api_key_id, ends_at, taken, given)
      select ${id}::uuid, clock_timestamp() + ${length}, first.given, first.given
      from (
        select ${give(sql`${limit}::int4`)} as given,
          set_config('synchronous_commit', 'off', true) as unhurried
      ) first where first.unhurried is not null
      on conflict (api_key_id) do update set (ends_at, taken, given) = (
        select open.ends_at, open.taken + ${give(sql`${limit}::int4 - open.taken`)},
          ${give(sql`${limit}::int4 - open.taken`)}
        from (
          select case when is_over then excluded.ends_at else known.ends_at end as ends_at,
            case when is_over then 0 else known.taken end as taken
          from (
            -- Also when the database's clock was put back.
            select now >= known.ends_at or now + ${length} < known.ends_at as is_over
            from clock_timestamp() as now
          ) clock
        ) open)
      returning ends_at::text as ends, given, greatest(0, ${limit}::int4 - taken) as left,
        extract(epoch from ends_at - clock_timestamp())::float8 * 1000 as milliseconds`.execute(
      this.db,
    );
    const [told] = found.rows;
    if (told === undefined) throw new Error('the database did not tell how a key stands');
    return told;
  }
}

/** Passes whom it is enough for, and refuses whom the window has too little for. */
function serve(window: KnownWindow): void {
  for (const one of window.waiting.splice(0)) {
    if (one.cost <= window.own) {
      window.own -= one.cost;
      one.pass();
    } else if (one.cost > window.own + window.left) one.refuse(tooMany(window));
    else window.waiting.push(one);
  }
}

function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1_000));
}

function tooMany({ limit, ends_at }: KnownWindow): AppError {
  const retry_after_seconds = secondsOf(ends_at - performance.now());
  return new AppError(
    429,
    'too_many_requests',
    `This key may make ${limit} requests a minute, and has made them. Nothing was changed.`,
    { limit, retry_after_seconds },
  );
}

function tooManyAtOnce({ limit }: KnownWindow): AppError {
  return new AppError(
    413,
    'too_many_at_once',
    `This key may make ${limit} requests a minute: send fewer at once. Nothing was changed.`,
    { limit },
  );
}
