import { type Budget, type Use, budgetsFor, limitOf, windowOfBudget } from './budgets.ts';
import { AMOUNT_MICRO_MAX } from './credits.ts';
import type { Instant } from './instant.ts';
import { PERIODS, type Period, windowOf } from './periods.ts';
import type { ReachedBudget } from './thresholds.ts';

/** Which window of which subject something is counted in. */
export interface CounterKey {
  subject: string;
  period: Period;
  starts_at: Instant;
}

/** What was used of a subject in a window: the amount for budgets, the quantity for tiers. */
export interface Counter extends CounterKey {
  quantity: bigint;
  amount: bigint;
}

/** How a hard budget stands before something is used: `left` is never below zero. */
export interface Headroom extends ReachedBudget {
  left: bigint;
}

/**
 * The counters of a wallet while one command is decided. Nothing is counted that no budget and no
 * tier needs. One that was not read is at zero.
 */
export class Tally {
  /** What was counted changed; what was only read is as it was. */
  counters: readonly Counter[];
  /** Budgets that came to their limit. */
  readonly reached: ReachedBudget[] = [];
  private readonly budgets: readonly Budget[];
  private readonly timeZone: string;

  constructor(budgets: readonly Budget[], counters: readonly Counter[], timeZone: string) {
    this.budgets = budgets;
    this.counters = counters;
    this.timeZone = timeZone;
  }

  /** The quantity used of an operation in the window of a period that contains a moment. */
  used(operation: string, period: Period, at: Instant): bigint {
    return this.find(this.keyOfTier(operation, period, at))?.quantity ?? 0n;
  }

  /** The hard budget that leaves least for a use; undefined when none concerns it. */
  tightest(use: Use, at: Instant): Headroom | undefined {
    if (this.budgets.length === 0) return undefined;
    const hard = budgetsFor(this.budgets, use).filter((budget) => budget.hard);
    return hard
      .map((budget): Headroom => {
        const stands = this.standing(budget, at);
        const left = stands.limit - stands.used;
        return { ...stands, left: left > 0n ? left : 0n };
      })
      .reduce<Headroom | undefined>(
        (least, one) => (least === undefined || one.left < least.left ? one : least),
        undefined,
      );
  }

  /** Counts an amount for the budgets of a use. */
  countAmount(use: Use, amount: bigint, at: Instant): void {
    if (this.budgets.length === 0 || amount === 0n) return;
    const concerned = budgetsFor(this.budgets, use);
    const before = concerned.map((budget) => this.standing(budget, at));
    this.add(
      concerned.map((budget) => keyOfBudget(budget, at)),
      { amount, quantity: 0n },
    );
    for (const { used, ...budget } of before) {
      const isReached = used < budget.limit && used + amount >= budget.limit;
      if (isReached) this.reached.push({ ...budget, used: used + amount });
    }
  }

  /** Counts a quantity for the tiers of an operation. */
  countQuantity(
    operation: string,
    periods: readonly Period[],
    quantity: bigint,
    at: Instant,
  ): void {
    const keys = periods.map((period) => this.keyOfTier(operation, period, at));
    this.add(keys, { amount: 0n, quantity });
  }

  /** Gives an amount back to the budgets in whose open window it was counted. */
  giveBackAmount(use: Use, amount: bigint, countedAt: Instant, now: Instant): void {
    if (this.budgets.length === 0 || amount === 0n) return;
    const open = budgetsFor(this.budgets, use).filter(
      (budget) => keyOfBudget(budget, countedAt).starts_at === keyOfBudget(budget, now).starts_at,
    );
    this.add(
      open.map((budget) => keyOfBudget(budget, now)),
      { amount: -amount, quantity: 0n },
    );
  }

  /** Gives a quantity back to the tiers in whose open window it was counted. */
  giveBackQuantity(operation: string, quantity: bigint, countedAt: Instant, now: Instant): void {
    if (quantity === 0n) return;
    const open = PERIODS.map((period) => this.keyOfTier(operation, period, now)).filter(
      ({ period, starts_at }) =>
        starts_at === this.keyOfTier(operation, period, countedAt).starts_at,
    );
    this.add(open, { amount: 0n, quantity: -quantity });
  }

  /** A window that two budgets share is counted once. */
  private add(keys: readonly CounterKey[], change: Pick<Counter, 'amount' | 'quantity'>): void {
    const names = new Set<string>();
    for (const key of keys) {
      if (names.has(nameOf(key))) continue;
      names.add(nameOf(key));
      const { quantity, amount } = this.find(key) ?? { quantity: 0n, amount: 0n };
      const counter = {
        ...key,
        quantity: counted(quantity + change.quantity),
        amount: counted(amount + change.amount),
      };
      if (counter.quantity === quantity && counter.amount === amount) continue;
      this.counters = [...this.counters.filter((one) => nameOf(one) !== nameOf(key)), counter];
    }
  }

  private standing(budget: Budget, at: Instant): ReachedBudget {
    const { id, subject, period, hard } = budget;
    const used = this.find(keyOfBudget(budget, at))?.amount ?? 0n;
    const resets_at = windowOfBudget(budget, at).ends_at;
    return { id, subject, period, hard, limit: limitOf(budget, at), used, resets_at };
  }

  private keyOfTier(operation: string, period: Period, at: Instant): CounterKey {
    return keyOfTier(operation, period, this.timeZone, at);
  }

  private find(key: CounterKey): Counter | undefined {
    return this.counters.find((one) => nameOf(one) === nameOf(key));
  }
}

export function keyOfBudget(budget: Budget, at: Instant): CounterKey {
  const { subject, period } = budget;
  return { subject, period, starts_at: windowOfBudget(budget, at).starts_at };
}

export function keyOfTier(
  operation: string,
  period: Period,
  timeZone: string,
  at: Instant,
): CounterKey {
  const { starts_at } = windowOf(period, timeZone, at);
  return { subject: `operation:${operation}`, period, starts_at };
}

/** What tells a counter from others of its wallet. */
export function nameOf({ subject, period, starts_at }: CounterKey): string {
  return `${subject} ${period} ${starts_at}`;
}

/** Nothing at least, and no more than the ledger counts to. */
function counted(sum: bigint): bigint {
  if (sum < 0n) return 0n;
  return sum < AMOUNT_MICRO_MAX ? sum : AMOUNT_MICRO_MAX;
}
