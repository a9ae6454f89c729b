import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/commands.ts';
import type { WalletState } from '../../src/core/wallet.ts';
import { MIDNIGHT, aBudget, decided, limited } from '../support/limited-wallets.ts';
import { CREDIT, aDebit, aGrant, aRule, aWallet } from '../support/wallet-states.ts';

describe('a crossing', () => {
  const kinds = (state: WalletState, command: Command): string[] =>
    decided(state, command).crossings.map(({ kind }) => kind);

  test('is told when what is available falls below the mark, and when it rises to the other', () => {
    const marks = { alert_below: 20n * CREDIT, alert_above: 50n * CREDIT };
    const low = decided(limited([], marks), aDebit(81n));
    expect(low.crossings).toEqual([
      { kind: 'alert_below', limit: 20n * CREDIT, available: 19n * CREDIT },
    ]);
    expect(kinds(low.state, aDebit(1n))).toEqual([]);
    expect(kinds(low.state, aGrant(31n))).toEqual(['alert_above']);
    expect(kinds(limited([], marks), aDebit(80n))).toEqual([]);
  });

  test('is told when all is used up and when there is some again, not at the first grant', () => {
    const empty = decided(limited([]), aDebit(100n));
    expect(empty.crossings.map(({ kind }) => kind)).toEqual(['exhausted']);
    expect(kinds(empty.state, aGrant(1n))).toEqual(['recovered']);
    expect(kinds(aWallet([]), aGrant(1n))).toEqual([]);
  });

  test('of a warning is told and refuses nothing; of a hard budget when nothing is left of it', () => {
    const budgets = [aBudget(5n, { hard: false }), aBudget(6n)];
    const { crossings, state } = decided(limited(budgets), aDebit(6n));
    expect(crossings).toMatchObject([
      { kind: 'budget_reached', budgets: [{ id: 'budget of 6', used: 6n * CREDIT }] },
      { kind: 'budget_warning', budgets: [{ id: 'budget of 5', resets_at: MIDNIGHT }] },
    ]);
    expect(kinds(state, aDebit(1n, { rule: aRule({ price_pico: 0n }) }))).toEqual([]);
  });
});
