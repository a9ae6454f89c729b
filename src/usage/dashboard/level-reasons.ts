import type { Level, LevelLimits, MeasuredLevel } from '../../core/levels.ts';

/** Why a wallet is on its level, in words. */
export function reasonOf({ level, because }: MeasuredLevel, limits: LevelLimits): string {
  if (level !== 'low' && level !== 'critical') return REASONS[level];
  const [days, percent] =
    level === 'low'
      ? [limits.low_days, limits.low_percent]
      : [limits.critical_days, limits.critical_percent];
  return because === 'days'
    ? `less than ${days} days left at this rate`
    : `less than ${percent} % of what came last is left`;
}

const REASONS: Record<Exclude<Level, 'low' | 'critical'>, string> = {
  healthy: 'enough is left of what came last',
  empty: 'nothing is left to spend',
  debt: 'the next credits repay what is owed',
  unlimited: 'usage is recorded and costs nothing',
  frozen: 'nothing can be spent until it is opened again',
};
