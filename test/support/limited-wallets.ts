import type { Budget } from '../../src/core/budgets.ts';
import type { Command, HoldCredits } from '../../src/core/commands.ts';
import { type Decided, decide } from '../../src/core/decide.ts';
import { instantOf } from '../../src/core/instant.ts';
import { ONE_UNIT, type PriceRule } from '../../src/core/price-rules.ts';
import type { WalletState } from '../../src/core/wallet.ts';
import { CREDIT, WALLET, aDebit, aLot, aRule, aWallet } from './wallet-states.ts';

export const SECOND = 1_000_000n;
export const HOUR = 3_600n * SECOND;
export const DAY = 24n * HOUR;
/** A Wednesday. */
export const NOW = instantOf(new Date('2026-11-18T10:30:00Z'));
export const MIDNIGHT = instantOf(new Date('2026-11-19T00:00:00Z'));
export const ANNA = '01990000-0000-7000-8000-00000000000a';
export const KEY = '01990000-0000-7000-8000-00000000000b';
export const common = {
  wallet_id: WALLET,
  key: { namespace: 'test', key: 'k' },
  asked: { actor_kind: 'job' },
} as const;

export function aBudget(credits: bigint, more: Partial<Budget> = {}): Budget {
  return {
    id: `budget of ${credits}`,
    subject: 'wallet',
    period: 'day',
    limit_amount: credits * CREDIT,
    hard: true,
    raised_to: null,
    raised_until: null,
    time_zone: 'UTC',
    ...more,
  };
}

/** A hundred credits under these budgets. */
export function limited(budgets: Budget[], more: Partial<WalletState['wallet']> = {}): WalletState {
  return { ...aWallet([aLot(1, 100n)], { last_at: NOW - 90n * DAY, ...more }), budgets };
}

export function aHold(units: bigint, more: Partial<HoldCredits> = {}): HoldCredits {
  return { ...aDebit(units), kind: 'hold', hold_id: 'h', ttl_seconds: 3600, ...more };
}

export function aCapture(units: bigint, more: { rule?: PriceRule; more_to_follow?: boolean } = {}) {
  const quantity = units * ONE_UNIT;
  return { ...common, kind: 'capture', hold_id: 'h', quantity, rule: aRule(), ...more } as const;
}

export function decided(state: WalletState, command: Command, now = NOW): Decided {
  const decision = decide(state, command, now);
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.code}`);
  return decision;
}

/** The state after each command in turn. */
export function after(state: WalletState, commands: Command[], now = NOW): WalletState {
  return commands.reduce((one, command) => decided(one, command, now).state, state);
}

/** What was counted, in whole credits and units. */
export function counted({ counters }: WalletState): [string, string, bigint, bigint][] {
  return counters.map(({ subject, period, amount, quantity }) => [
    subject,
    period,
    amount / CREDIT,
    quantity / ONE_UNIT,
  ]);
}
