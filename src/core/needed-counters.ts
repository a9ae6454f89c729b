import { type Use, budgetsFor } from './budgets.ts';
import type { Command, Correction, Debit, HoldCredits, Transfer } from './commands.ts';
import { type CounterKey, keyOfBudget, keyOfTier, nameOf } from './counters.ts';
import { timeAfter } from './draft.ts';
import type { Instant } from './instant.ts';
import { PERIODS, type Period } from './periods.ts';
import { countedPeriods } from './price-rules.ts';
import type { WalletState } from './wallet.ts';

/**
 * The counters that deciding a command may look at or change, each once: those of the budgets that
 * concern what is used or comes back, and of the tiers of its operation. None for a command without
 * tiers in a wallet without budgets.
 */
export function neededCounters(
  state: WalletState,
  command: Command | Transfer,
  now: Instant,
): CounterKey[] {
  const at = timeAfter(state.wallet, now);
  const own = useOf(state, command);
  const uses = [...state.holds, ...state.charges, ...(own === undefined ? [] : [own])];
  const keys = uses
    .flatMap((use) => budgetsFor(state.budgets, use))
    .map((budget) => keyOfBudget(budget, at));
  for (const { operation, periods, moments } of tiersOf(state, command, own, at)) {
    for (const period of periods) {
      for (const moment of moments) {
        keys.push(keyOfTier(operation, period, state.wallet.time_zone, moment));
      }
    }
  }
  return [...new Map(keys.map((key) => [nameOf(key), key])).values()];
}

/** What a command itself uses: what comes back was used before, by holds and charges. */
function useOf(state: WalletState, command: Command | Transfer): Use | undefined {
  if (isUsage(command)) return command;
  if (command.kind !== 'capture') return undefined;
  const hold = state.holds.find(({ id }) => id === command.hold_id);
  return { operation: hold?.operation ?? command.rule.operation, asked: command.asked };
}

function isUsage(command: Command | Transfer): command is Debit | HoldCredits | Correction {
  return command.kind === 'debit' || command.kind === 'hold' || command.kind === 'correction';
}

/** A hold is counted in the window in which it was made, and what is captured above it now. */
function tiersOf(
  state: WalletState,
  command: Command | Transfer,
  own: Use | undefined,
  at: Instant,
) {
  const held: TierUse[] = state.holds.flatMap(({ operation, quantity, created_at }) =>
    operation === null || quantity === 0n
      ? []
      : [{ operation, periods: PERIODS, moments: [created_at] }],
  );
  if (command.kind === 'correction') held.push(...chargedBefore(state, command));
  const rule = 'rule' in command ? command.rule : undefined;
  if (own === undefined || own.operation === null || rule === undefined) return held;
  const named = 'hold_id' in command ? command.hold_id : undefined;
  const hold = state.holds.find(({ id }) => id === named);
  const moments = hold === undefined ? [at] : [at, hold.created_at];
  return [...held, { operation: own.operation, periods: countedPeriods(rule), moments }];
}

/** The windows of an operation's tiers in which something counts. */
interface TierUse {
  operation: string;
  periods: readonly Period[];
  moments: readonly Instant[];
}

/** What is corrected was counted when it was charged. */
function chargedBefore({ charges }: WalletState, { entry_seq, charged }: Correction): TierUse[] {
  return charges.flatMap(({ seq, operation, counted_at }) =>
    seq !== entry_seq || operation === null
      ? []
      : [{ operation, periods: countedPeriods(charged.rule), moments: [counted_at] }],
  );
}
