import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { WalletState } from '../../src/core/wallet.ts';
import { CREDIT, aDebit, aGrant, aLot, aWallet } from '../support/wallet-states.ts';

const NOW = 1_000n;

/** The decision, which has to be a yes. */
function decided(state: WalletState, command: Parameters<typeof decide>[1], now = NOW) {
  const decision = decide(state, command, now);
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.code}`);
  return decision;
}

describe('a debit', () => {
  test('takes from lots by priority, then the earliest expiry, then the oldest', () => {
    const state = aWallet([
      aLot(1, 5n),
      aLot(2, 5n, { expires_at: 9_000n }),
      aLot(3, 5n, { expires_at: 5_000n }),
      aLot(4, 5n, { priority: 10 }),
    ]);
    const { entries } = decided(state, aDebit(18n));
    expect(entries[0]?.legs.map((leg) => [leg.lot, leg.amount / CREDIT])).toEqual([
      [4, 5n],
      [3, 5n],
      [2, 5n],
      [1, 3n],
    ]);
  });

  test('skips lots that are limited to other operations, and says what is missing without them', () => {
    const state = aWallet([aLot(1, 5n, { operations: ['other'] }), aLot(2, 2n)]);
    expect(decide(state, aDebit(3n), NOW)).toEqual({
      outcome: 'refused',
      refusal: {
        code: 'insufficient_credits',
        balance: 7n * CREDIT,
        required: 3n * CREDIT,
        available: 2n * CREDIT,
        missing: CREDIT,
      },
    });
    const { entries } = decided(state, aDebit(3n, { operation: 'other' }));
    expect(entries[0]?.legs.map((leg) => leg.lot)).toEqual([1]);
  });

  test('does not spend a lot at the instant of its expiry, and does a microsecond before', () => {
    const state = aWallet([aLot(1, 5n, { expires_at: NOW })]);
    expect(decide(state, aDebit(1n), NOW)).toMatchObject({ refusal: { available: 0n } });
    expect(decided(state, aDebit(1n), NOW - 1n).entries).toHaveLength(1);
  });

  test('writes the expiry of what is due before itself, with ledger time going on', () => {
    const state = aWallet([aLot(1, 5n, { expires_at: 500n }), aLot(2, 5n)]);
    const { entries, state: after } = decided(state, aDebit(1n));
    expect(entries.map((entry) => [entry.seq, entry.kind, entry.at])).toEqual([
      [3n, 'expiry', NOW],
      [4n, 'debit', NOW + 1n],
    ]);
    expect(after.wallet).toMatchObject({ available: 4n * CREDIT, last_seq: 4n, last_at: NOW + 1n });
  });

  test('says rule, version, quantity and price of each line', () => {
    const { entries } = decided(aWallet([aLot(1, 5n)]), aDebit(2n));
    expect(entries[0]?.lines).toEqual([
      {
        code: 'unit',
        label: 'Unit',
        unit: 'unit',
        quantity: 2_000_000n,
        price_pico: 10n ** 12n,
        amount_micro: 2n * CREDIT,
        rule: 'rule',
        version: 1,
      },
    ]);
  });

  test('from a frozen wallet is refused, before it is asked whether the credits would do', () => {
    const state = aWallet([], { frozen: true });
    expect(decide(state, aDebit(1n), NOW)).toEqual({
      outcome: 'refused',
      refusal: { code: 'wallet_frozen' },
    });
  });

  test('attack 32: at a clock that went back an hour spends no lot that is over in ledger time', () => {
    const hour = 3_600_000_000n;
    const state = aWallet([aLot(1, 5n, { expires_at: NOW + hour })], { last_at: NOW + hour });
    expect(decide(state, aDebit(1n), NOW)).toMatchObject({ refusal: { available: 0n } });
  });

  test('at a clock that went back is still later than the entry before it', () => {
    const { entries } = decided(aWallet([aLot(1, 5n)], { last_at: 2_000n }), aDebit(1n));
    expect(entries[0]?.at).toBe(2_001n);
  });
});

describe('a grant', () => {
  test('makes a lot with the priority of its source, its expiry and its cost', () => {
    const { state } = decided(
      aWallet([]),
      aGrant(5n, { source: 'purchase', expires_at: 9_000n, cost_minor: 450n, currency: 'USD' }),
    );
    expect(state.lots).toEqual([
      aLot(1, 5n, { granted_at: NOW, expires_at: 9_000n, cost_minor: 450n, currency: 'USD' }),
    ]);
    expect(state.wallet).toMatchObject({
      available: 5n * CREDIT,
      last_lot: 1,
      next_due_at: 9_000n,
    });
  });
});

describe('a lot that is over when it is granted', () => {
  test('repays nothing of what is owed, and expires', () => {
    const owing = aWallet([], { debt: 2n * CREDIT });
    const { entries, state } = decided(owing, aGrant(5n, { expires_at: NOW }));
    expect(entries.map((entry) => entry.kind)).toEqual(['grant']);
    const next = decided(state, { kind: 'expire', wallet_id: state.wallet.id });
    expect(next.state.wallet).toMatchObject({ available: 0n, debt: 2n * CREDIT });
  });
});

describe('expiry', () => {
  test('takes each lot that is due, the earliest first, and tells when the next is', () => {
    const state = aWallet([
      aLot(1, 1n, { expires_at: 900n }),
      aLot(2, 2n, { expires_at: 800n }),
      aLot(3, 3n, { expires_at: 2_000n }),
      aLot(4, 4n),
    ]);
    const { entries, state: after } = decided(state, {
      kind: 'expire',
      wallet_id: state.wallet.id,
    });
    expect(entries.map((entry) => entry.legs[0]?.lot)).toEqual([2, 1]);
    expect(after.wallet).toMatchObject({ available: 7n * CREDIT, next_due_at: 2_000n });
  });

  test('of a wallet with nothing due writes nothing', () => {
    const state = aWallet([aLot(1, 1n)]);
    expect(decided(state, { kind: 'expire', wallet_id: state.wallet.id }).entries).toEqual([]);
  });
});
