import { describe, expect, test } from 'vitest';
import type { Clawback, Reinstatement, WriteOff } from '../../../src/core/commands.ts';
import { type Decided, decide } from '../../../src/core/decide.ts';
import type { Entry, WalletState } from '../../../src/core/wallet.ts';
import { CREDIT, WALLET, aDebit, aGrant, aLot, aWallet } from '../../support/wallet-states.ts';

const NOW = 1_000n;
const common = {
  wallet_id: WALLET,
  key: { namespace: 'test', key: 'reversal' },
  asked: { actor_kind: 'payment' },
} as const;

const aClawback = (credits: bigint, lot = 1): Clawback => {
  return { ...common, kind: 'clawback', lot, amount_micro: credits * CREDIT };
};
const aReinstatement = (entry_seq: bigint): Reinstatement => {
  return { ...common, kind: 'reinstatement', entry_seq };
};
const aWriteOff = (more: Partial<WriteOff> = {}): WriteOff => {
  return { ...common, kind: 'write_off', details: { reason: 'goodwill' }, ...more };
};

function decided(state: WalletState, command: Parameters<typeof decide>[1], now = NOW): Decided {
  const decision = decide(state, command, now);
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.code}`);
  return decision;
}

const legsOf = (entry: Entry | undefined): unknown[] =>
  entry?.legs.map((leg) => [leg.lot, leg.from, leg.to, leg.amount / CREDIT]) ?? [];

/** A lot of ten credits that has these left, and the rest spent. */
const usedLot = (more: { available?: bigint; held?: bigint; expired?: bigint }) => {
  const [available, held, expired] = [more.available ?? 0n, more.held ?? 0n, more.expired ?? 0n];
  return aLot(1, 10n, {
    available: available * CREDIT,
    held: held * CREDIT,
    expired: expired * CREDIT,
    consumed: (10n - available - held - expired) * CREDIT,
    payment_id: '01990000-0000-7000-8000-00000000000a',
  });
};

describe('a clawback', () => {
  test('removes what the lot still has, and what is spent or held becomes debt', () => {
    const state = aWallet([usedLot({ available: 3n, held: 2n })], { held: 2n * CREDIT });
    const { own, entries, state: after } = decided(state, aClawback(10n));
    expect(legsOf(own)).toEqual([
      [1, 'available', 'removed', 3n],
      [0, 'debt', 'removed', 7n],
    ]);
    expect(own).toMatchObject({ kind: 'clawback', amount: 10n * CREDIT, parent_seq: 1n });
    expect(own?.payment_id).toBe(usedLot({}).payment_id);
    expect(entries).toHaveLength(1);
    expect(after.wallet).toMatchObject({ available: 0n, held: 2n * CREDIT, debt: 7n * CREDIT });
  });

  test('of a part takes what can be spent before it makes debt', () => {
    const state = aWallet([usedLot({ available: 3n })]);
    expect(legsOf(decided(state, aClawback(2n)).own)).toEqual([[1, 'available', 'removed', 2n]]);
  });

  test('takes what has expired unspent from there, and nobody owes it', () => {
    const state = aWallet([usedLot({ expired: 4n })]);
    const { own, state: after } = decided(state, aClawback(5n));
    expect(legsOf(own)).toEqual([
      [1, 'expired', 'removed', 4n],
      [0, 'debt', 'removed', 1n],
    ]);
    expect(after.wallet.debt).toBe(CREDIT);
  });

  test('leaves other lots alone, and the next grant repays what is owed', () => {
    const state = aWallet([usedLot({}), aLot(2, 5n)]);
    const after = decided(state, aClawback(10n)).state;
    expect(after.wallet).toMatchObject({ available: 5n * CREDIT, debt: 10n * CREDIT });
    const granted = decided(after, aGrant(12n));
    expect(granted.entries.map((entry) => entry.kind)).toEqual(['grant', 'repayment']);
    expect(granted.state.wallet).toMatchObject({ available: 7n * CREDIT, debt: 0n });
  });

  test('of one lot in parts is never more than was granted, however the credits went', () => {
    const first = decided(aWallet([usedLot({ available: 1n })]), aClawback(6n)).state;
    expect(decide(first, aClawback(5n), NOW)).toEqual({
      outcome: 'refused',
      refusal: { code: 'clawback_above_lot', left: 4n * CREDIT },
    });
    const second = decided(first, aClawback(4n)).state;
    expect(second.wallet.debt).toBe(9n * CREDIT);
    expect(decide(second, aClawback(1n), NOW)).toMatchObject({ refusal: { left: 0n } });
  });

  test('of a lot that the wallet does not have is refused by name', () => {
    expect(decide(aWallet([]), aClawback(1n, 7), NOW)).toMatchObject({
      refusal: { code: 'lot_unknown' },
    });
  });

  test('is written off at once where the wallet’s policy says so', () => {
    const state = aWallet([usedLot({ available: 3n })], { reversal: 'write_off' });
    const { own, entries, state: after } = decided(state, aClawback(10n));
    expect(entries.map((entry) => [entry.kind, entry.amount / CREDIT])).toEqual([
      ['clawback', 10n],
      ['write_off', 7n],
    ]);
    expect(entries[1]).toMatchObject({
      parent_seq: own?.seq,
      key: { namespace: 'follows', key: `${own?.seq} write_off` },
    });
    expect(after.wallet).toMatchObject({ available: 0n, debt: 0n });
  });

  test('goes through in a frozen wallet, as a dispute freezes it', () => {
    const state = aWallet([aLot(1, 10n)], { frozen: true });
    expect(decided(state, aClawback(10n)).state.wallet.available).toBe(0n);
  });
});

describe('a reinstatement', () => {
  test('gives the lot back what was removed, and takes back the debt', () => {
    const taken = decided(aWallet([usedLot({ available: 3n })]), aClawback(10n)).state;
    const { own, state } = decided(taken, aReinstatement(2n));
    expect(legsOf(own)).toEqual([
      [1, 'removed', 'available', 3n],
      [0, 'removed', 'debt', 7n],
    ]);
    expect(own).toMatchObject({ amount: 10n * CREDIT, parent_seq: 2n });
    expect(state.wallet).toMatchObject({ available: 3n * CREDIT, debt: 0n });
    expect(state.lots).toEqual([usedLot({ available: 3n })]);
  });

  test('brings what was repaid meanwhile as a new lot that never expires and burns last', () => {
    const taken = decided(aWallet([usedLot({})]), aClawback(10n)).state;
    const repaid = decided(taken, aGrant(4n)).state;
    const { own, state } = decided(repaid, aReinstatement(2n));
    expect(legsOf(own)).toEqual([
      [0, 'removed', 'debt', 6n],
      [3, 'outside', 'available', 4n],
    ]);
    expect(state.lots.at(-1)).toMatchObject({ expires_at: null, priority: 30 });
    expect(state.wallet).toMatchObject({ available: 4n * CREDIT, debt: 0n });
  });

  test('happens once for a clawback', () => {
    const taken = decided(aWallet([aLot(1, 10n)]), aClawback(10n)).state;
    const { state } = decided(taken, aReinstatement(2n));
    expect(decide(state, aReinstatement(2n), NOW)).toMatchObject({
      refusal: { code: 'nothing_to_reinstate' },
    });
    expect(decide(state, aReinstatement(1n), NOW)).toMatchObject({
      refusal: { code: 'clawback_unknown' },
    });
  });

  test('lets the whole lot be clawed back again, for a refund after a dispute that was won', () => {
    const taken = decided(aWallet([usedLot({ available: 3n })]), aClawback(10n)).state;
    const { state } = decided(taken, aReinstatement(2n));
    expect(decided(state, aClawback(10n)).state.wallet).toMatchObject({
      available: 0n,
      debt: 7n * CREDIT,
    });
  });

  test('does not give back what was written off at once', () => {
    const policy = { reversal: 'write_off' } as const;
    const partly = decided(aWallet([usedLot({ available: 3n })], policy), aClawback(10n)).state;
    const { own, state } = decided(partly, aReinstatement(2n));
    expect(legsOf(own)).toEqual([[1, 'removed', 'available', 3n]]);
    expect(state.wallet).toMatchObject({ available: 3n * CREDIT, debt: 0n });
    const wholly = decided(aWallet([usedLot({})], policy), aClawback(10n)).state;
    expect(decide(wholly, aReinstatement(2n), NOW)).toMatchObject({
      refusal: { code: 'nothing_to_reinstate' },
    });
  });

  test.each([
    ['expires there', 'expire', [[1, 'removed', 'expired', 10n]]],
    ['comes as a lot with grace', 'grace_lot', [[2, 'outside', 'available', 10n]]],
  ] as const)(
    'into a lot that expired since %s, by the policy for refunds',
    (_name, policy, legs) => {
      const lot = aLot(1, 10n, { expires_at: 2_000n });
      const taken = decided(
        aWallet([lot], { refund_to_expired_lot: policy }),
        aClawback(10n),
      ).state;
      expect(legsOf(decided(taken, aReinstatement(2n), 3_000n).own)).toEqual(legs);
    },
  );

  test('of what had expired before the clawback brings nothing to life', () => {
    const lot = aLot(1, 10n, { expires_at: 500n });
    const state = aWallet([lot], { refund_to_expired_lot: 'grace_lot' });
    const taken = decided(state, aClawback(10n));
    expect(taken.entries.map((entry) => entry.kind)).toEqual(['expiry', 'clawback']);
    const { own, state: after } = decided(taken.state, aReinstatement(3n));
    expect(legsOf(own)).toEqual([[1, 'removed', 'expired', 10n]]);
    expect(after.wallet.available).toBe(0n);
  });
});

describe('a write-off', () => {
  test('forgives a part of the debt, then all that is left, and not more', () => {
    const owing = decided(aWallet([usedLot({})]), aClawback(10n)).state;
    const partly = decided(owing, aWriteOff({ amount_micro: 4n * CREDIT }));
    expect(legsOf(partly.own)).toEqual([[0, 'outside', 'debt', 4n]]);
    const { state } = decided(partly.state, aWriteOff());
    expect(state.wallet.debt).toBe(0n);
    expect(decide(state, aWriteOff(), NOW)).toEqual({
      outcome: 'refused',
      refusal: { code: 'write_off_above_debt', debt: 0n },
    });
  });
});

describe('a refund', () => {
  test('of what was repaid since comes as a lot that never expires and burns last', () => {
    const overdrawn = decided(aWallet([], { overdraft_limit: 5n * CREDIT }), aDebit(5n)).state;
    const { state } = decided(overdrawn, aGrant(5n));
    const use = { operation: 'work', asked: common.asked, counted_at: NOW };
    const charges = [{ seq: 1n, ...use, parts: [{ lot: 0, taken: 5n * CREDIT, refunded: 0n }] }];
    const { own, state: after } = decided(
      { ...state, charges },
      { ...common, kind: 'refund', entry_seq: 1n },
    );
    expect(legsOf(own)).toEqual([[2, 'outside', 'available', 5n]]);
    expect(after.lots.at(-1)).toMatchObject({ priority: 30, expires_at: null });
  });
});
