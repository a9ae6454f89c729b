import { type BurnRate, isLessThanDays } from './burn-rates.ts';

/** How a wallet is doing, in one word. */
export const LEVELS = [
  'healthy',
  'low',
  'critical',
  'empty',
  'debt',
  'unlimited',
  'frozen',
] as const;
export type Level = (typeof LEVELS)[number];

export interface LevelLimits {
  low_percent: bigint;
  critical_percent: bigint;
  low_days: bigint;
  critical_days: bigint;
}

export const DEFAULT_LEVEL_LIMITS: LevelLimits = {
  low_percent: 20n,
  critical_percent: 5n,
  low_days: 7n,
  critical_days: 2n,
};

/** What a level is told from. */
export interface Measured {
  available_micro: bigint;
  debt_micro: bigint;
  granted_last_micro: bigint;
  frozen: boolean;
  unlimited: boolean;
  /** Undefined as long as too little is known of what is spent. */
  rate: BurnRate | undefined;
}

/** A level, and of low and critical what made it so: too few days, or too little of what came last. */
export interface MeasuredLevel {
  level: Level;
  because?: 'days' | 'share';
}

/**
 * The level of a wallet: low under 20 % of what was granted last or under 7 days at the current
 * rate, critical under 5 % or 2 days. What stops spending altogether is told first.
 */
export function measureLevel(
  wallet: Measured,
  limits: LevelLimits = DEFAULT_LEVEL_LIMITS,
): MeasuredLevel {
  if (wallet.frozen) return { level: 'frozen' };
  if (wallet.unlimited) return { level: 'unlimited' };
  if (wallet.debt_micro > 0n) return { level: 'debt' };
  if (wallet.available_micro === 0n) return { level: 'empty' };
  const critical = becauseOf(wallet, limits.critical_percent, limits.critical_days);
  if (critical !== undefined) return { level: 'critical', because: critical };
  const low = becauseOf(wallet, limits.low_percent, limits.low_days);
  return low === undefined ? { level: 'healthy' } : { level: 'low', because: low };
}

/** The level alone. */
export function levelOf(wallet: Measured, limits?: LevelLimits): Level {
  return measureLevel(wallet, limits).level;
}

function becauseOf(
  { available_micro, granted_last_micro, rate }: Measured,
  percent: bigint,
  days: bigint,
): MeasuredLevel['because'] {
  if (rate !== undefined && isLessThanDays(available_micro, rate, days)) return 'days';
  return available_micro * 100n < granted_last_micro * percent ? 'share' : undefined;
}
