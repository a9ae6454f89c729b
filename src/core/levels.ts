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
}

export const DEFAULT_LEVEL_LIMITS: LevelLimits = { low_percent: 20n, critical_percent: 5n };

/**
 * The level of a wallet: low under 20 % of what was granted last, critical under 5 %.
 * What stops spending altogether is told first.
 */
export function levelOf(
  wallet: {
    available_micro: bigint;
    debt_micro: bigint;
    granted_last_micro: bigint;
    frozen: boolean;
    unlimited: boolean;
  },
  limits: LevelLimits = DEFAULT_LEVEL_LIMITS,
): Level {
  if (wallet.frozen) return 'frozen';
  if (wallet.unlimited) return 'unlimited';
  if (wallet.debt_micro > 0n) return 'debt';
  if (wallet.available_micro === 0n) return 'empty';
  const share = wallet.available_micro * 100n;
  if (share < wallet.granted_last_micro * limits.critical_percent) return 'critical';
  if (share < wallet.granted_last_micro * limits.low_percent) return 'low';
  return 'healthy';
}
