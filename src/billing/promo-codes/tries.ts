import type { Request, Response } from 'express';
import type pg from 'pg';
import { AppError } from '../../lib/errors.ts';
import { DEFAULT_READER, type Reader, showFor } from '../../lib/formatting.ts';
import { clientOf } from '../../lib/guards.ts';
import { rateLimit } from '../../lib/rate-limits.ts';
import { buyerOf } from '../buy/buyers.ts';
import { type RefusedPromo, sentenceOf } from './refusals.ts';

const WINDOW_SECONDS = 3_600;

/** What is told at the field of the code, and with which status. */
export interface TryRefused {
  outcome: 'refused';
  field: 'promo';
  sentence: string;
  status: 422 | 429;
}

export interface PromoTries {
  /** Tries what somebody typed. Codes that do not exist can be tried some times an hour only. */
  count<Good>(
    req: Request,
    res: Response,
    text: string,
    attempt: () => Promise<Good | RefusedPromo>,
  ): Promise<Good | TryRefused>;
}

/** @param pool `connections.plain` */
export function promoTries(pool: pg.Pool): PromoTries {
  const common = { pool, window_seconds: WINDOW_SECONDS };
  const perBuyer = rateLimit({ ...common, name: 'promo-buyer', points: 10 });
  const perClient = rateLimit({ ...common, name: 'promo-client', points: 60 });
  return {
    count: async (req, res, text, attempt) => {
      const [buyer, client] = [buyerOf(req).id, clientOf(req)];
      try {
        if (text !== '') await perBuyer.take(buyer);
        if (text !== '') await perClient.take(client);
      } catch (error) {
        return tooMany(res, error);
      }
      let isWrong = false;
      let result;
      try {
        result = await attempt();
        isWrong = isRefused(result) && result.fault === 'unknown';
      } finally {
        if (text !== '' && !isWrong) {
          await perBuyer.giveBack(buyer);
          await perClient.giveBack(client);
        }
      }
      if (!isRefused(result)) return result;
      return refused(sentenceOf(result, showFor(readerOf(res))), 422);
    },
  };
}

function isRefused(result: unknown): result is RefusedPromo {
  return typeof result === 'object' && result !== null && 'fault' in result;
}

function tooMany(res: Response, error: unknown): TryRefused {
  if (!(error instanceof AppError) || error.status !== 429) throw error;
  const seconds = error.details['retry_after_seconds'];
  if (typeof seconds === 'number') res.set('Retry-After', String(seconds));
  return refused(error.message, 429);
}

function refused(sentence: string, status: TryRefused['status']): TryRefused {
  return { outcome: 'refused', field: 'promo', sentence, status };
}

function readerOf(res: Response): Reader {
  const locals: { reader?: Reader } = res.locals;
  return locals.reader ?? DEFAULT_READER;
}
