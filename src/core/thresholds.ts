import type { Budget } from './budgets.ts';
import type { Instant } from './instant.ts';
import type { Wallet } from './wallet.ts';

/** A budget whose limit was reached, as it stands then. */
export interface ReachedBudget extends Pick<Budget, 'id' | 'subject' | 'period' | 'hard'> {
  limit: bigint;
  used: bigint;
  /** When its window ends; null for one of all time. */
  resets_at: Instant | null;
}

/** Something that somebody wants to be told of, seen when a command was decided. */
export type Crossing =
  | { kind: 'alert_below' | 'alert_above'; limit: bigint; available: bigint }
  | { kind: 'exhausted' | 'recovered' | 'watched'; available: bigint }
  | { kind: 'budget_reached' | 'budget_warning'; budgets: readonly ReachedBudget[] };

/**
 * What a command crossed, told once when it is crossed and not while it lasts: what is available
 * fell below the wallet's mark or rose to it again, went to nothing or came back from there, left
 * what it is watched between, and budgets that came to their limit. The first credits of a wallet are
 * no recovery.
 */
export function crossings(
  before: Wallet,
  after: Wallet,
  reached: readonly ReachedBudget[],
): Crossing[] {
  const [was, is] = [before.available, after.available];
  const isFirst = before.last_lot === 0;
  const found: Crossing[] = [];
  const { alert_below, alert_above, watch_below, watch_above } = after;
  if (alert_below !== null && was >= alert_below && is < alert_below) {
    found.push({ kind: 'alert_below', limit: alert_below, available: is });
  }
  if (alert_above !== null && was < alert_above && is >= alert_above && !isFirst) {
    found.push({ kind: 'alert_above', limit: alert_above, available: is });
  }
  if (was > 0n && is === 0n) found.push({ kind: 'exhausted', available: is });
  if (was === 0n && is > 0n && !isFirst) found.push({ kind: 'recovered', available: is });
  const isBelow = watch_below !== null && was >= watch_below && is < watch_below;
  const isAbove = watch_above !== null && was < watch_above && is >= watch_above;
  if (isBelow || isAbove) found.push({ kind: 'watched', available: is });
  const hard = reached.filter((budget) => budget.hard);
  const warning = reached.filter((budget) => !budget.hard);
  if (hard.length > 0) found.push({ kind: 'budget_reached', budgets: hard });
  if (warning.length > 0) found.push({ kind: 'budget_warning', budgets: warning });
  return found;
}
