import { MICRO_PER_CREDIT } from './credits.ts';
import type { Forecast } from './forecasts.ts';

/** An hour is a spike from so many times the usual on. */
const TIMES = 3n;
/** Less than this in an hour is nobody's trouble, whatever is usual: in credits, */
const LEAST_MICRO = 10n * MICRO_PER_CREDIT;
/** and as a share of what was bought last, one part of so many. */
const LEAST_SHARE = 20n;

/** An hour of a wallet's use, and what is known of the same hour before. */
export interface HourOfUse {
  spent_micro: bigint;
  /** The same hour in the weeks before, of those since it was used first. */
  weeks_before: readonly bigint[];
  /** What was spent in all in the time before the hour that is looked at, and how many hours it has. */
  before_micro: bigint;
  before_hours: bigint;
  granted_last_micro: bigint;
}

export type SpikeNews =
  | { outcome: 'spike'; usual_micro: bigint }
  /** Not one, but not usual yet either: what lasts goes on, and nothing begins. */
  | { outcome: 'between' }
  | { outcome: 'usual' };

/**
 * Whether far more was spent in an hour than in the same hour of the last weeks, or in a mean hour
 * where that is more. Without a whole week before there is nothing to compare with.
 */
export function spikeIn(hour: HourOfUse): SpikeNews {
  const { spent_micro: spent, weeks_before: weeks, before_micro, before_hours } = hour;
  const share = hour.granted_last_micro / LEAST_SHARE;
  const floor = share > LEAST_MICRO ? share : LEAST_MICRO;
  if (weeks.length === 0 || 2n * spent < floor) return { outcome: 'usual' };
  const sameHours = weeks.reduce((sum, one) => sum + one, 0n) / BigInt(weeks.length);
  const meanHour = before_hours === 0n ? 0n : before_micro / before_hours;
  const most = sameHours > meanHour ? sameHours : meanHour;
  const usual_micro = most > 0n ? most : 0n;
  if (spent >= floor && spent >= TIMES * usual_micro) return { outcome: 'spike', usual_micro };
  return 2n * spent < TIMES * usual_micro ? { outcome: 'usual' } : { outcome: 'between' };
}

export type RunOutNews = 'soon' | 'between' | 'later' | 'unknown';

/** Whether credits run out within so many days, and whether it is clearly later than that. */
export function runOutNews(forecast: Forecast, days: number | null): RunOutNews {
  if (days === null) return 'later';
  switch (forecast.kind) {
    case 'runs_out':
      if (forecast.day < days) return 'soon';
      return forecast.day < days + Math.ceil(days / 4) ? 'between' : 'later';
    case 'lasts':
    case 'no_use':
      return 'later';
    case 'nothing_left':
    case 'too_early':
      return 'unknown';
  }
}
