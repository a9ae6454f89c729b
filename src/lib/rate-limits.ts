import { createHash } from 'node:crypto';
import type pg from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from './errors.ts';

export interface RateLimitOptions {
  /** `connections.plain`. */
  pool: pg.Pool;
  /** Keeps the keys of different limits apart. */
  name: string;
  points: number;
  window_seconds: number;
}

export interface RateLimit {
  /**
   * Counts one try of `key`, before it is made, so that tries at once cannot overrun the limit.
   * Throws 429 `too_many_requests` with `retry_after_seconds` in its details.
   */
  take(key: string): Promise<void>;
  /** Gives a try back that shall not count. */
  giveBack(key: string): Promise<void>;
}

/**
 * A limit that all processes share. Keys are stored as hashes. While the database cannot be
 * reached, each process counts in its own memory.
 */
export function rateLimit(options: RateLimitOptions): RateLimit {
  const { name, points, window_seconds: duration } = options;
  const limiter = new RateLimiterPostgres({
    storeClient: options.pool,
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: name,
    points,
    duration,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration }),
  });
  return {
    take: async (key) => {
      try {
        await limiter.consume(hashOf(key));
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        throw tooMany(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
      }
    },
    giveBack: async (key) => {
      await limiter.reward(hashOf(key));
    },
  };
}

function tooMany(seconds: number): AppError {
  const minutes = Math.ceil(seconds / 60);
  const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return new AppError(429, 'too_many_requests', `Too many tries. Try again in ${wait}.`, {
    retry_after_seconds: seconds,
  });
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
