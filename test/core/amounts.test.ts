import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/commands.ts';
import { AMOUNT_MICRO_MAX } from '../../src/core/credits.ts';
import { decide, decideTransfer } from '../../src/core/decide.ts';
import { WALLET, aDebit, aGrant, aLot, aRule, aWallet } from '../support/wallet-states.ts';

const TOO_LARGE = {
  outcome: 'refused',
  refusal: { code: 'amount_too_large', most: AMOUNT_MICRO_MAX },
};

describe('attack 30: what is nothing or less', () => {
  const state = aWallet([aLot(1, 5n)], { debt: 1n });
  const common = {
    wallet_id: WALLET,
    key: { namespace: 'test', key: 'k' },
    asked: aDebit(1n).asked,
  };
  const details = { reason: 'none' };
  const hold: Command = { ...aDebit(1n), kind: 'hold', hold_id: 'h', ttl_seconds: 60 };
  const rule = aRule();

  test.each<[string, Command]>([
    ['a grant of nothing', aGrant(0n)],
    ['a grant of less', aGrant(-1n)],
    ['a debit of nothing', aDebit(0n)],
    ['a debit of less', aDebit(-1n)],
    ['a hold of nothing', { ...hold, quantity: 0n }],
    ['a hold for no time', { ...hold, ttl_seconds: 0 }],
    ['an extension to the past', { ...common, kind: 'extend', hold_id: 'h', ttl_seconds: -1 }],
    ['a capture of less', { ...common, kind: 'capture', hold_id: 'h', quantity: -1n, rule }],
    ['a refund of nothing', { ...common, kind: 'refund', entry_seq: 1n, amount_micro: 0n }],
    ['a refund of less', { ...common, kind: 'refund', entry_seq: 1n, amount_micro: -1n }],
    ['a clawback of less', { ...common, kind: 'clawback', lot: 1, amount_micro: -1n }],
    ['a write-off of less', { ...common, kind: 'write_off', amount_micro: -1n, details }],
    [
      'an adjustment by nothing',
      { ...common, kind: 'adjustment', amount_micro: 0n, expires_at: null, details },
    ],
  ])('%s is refused by name', (_name, command) => {
    expect(decide(state, command, 1_000n)).toEqual({
      outcome: 'refused',
      refusal: { code: 'not_positive' },
    });
  });

  test('a transfer of nothing or less is refused by name, also to itself', () => {
    for (const amount_micro of [0n, -1n]) {
      const ids = { from_wallet_id: WALLET, to_wallet_id: WALLET };
      const transfer = { ...common, kind: 'transfer', ...ids, amount_micro } as const;
      expect(decideTransfer(state, state, transfer, 1_000n, new Map())).toMatchObject({
        refusal: { code: 'not_positive' },
      });
    }
  });
});

describe('attack 30: amounts beyond what the ledger counts', () => {
  test('a grant is refused by name, and the greatest amount is not', () => {
    const most = aGrant(1n, { amount_micro: AMOUNT_MICRO_MAX });
    expect(decide(aWallet([]), most, 1_000n).outcome).toBe('decided');
    for (const amount_micro of [AMOUNT_MICRO_MAX + 1n, 2n ** 63n - 1n, 2n ** 64n]) {
      expect(decide(aWallet([]), aGrant(1n, { amount_micro }), 1_000n)).toEqual(TOO_LARGE);
    }
  });

  test('a grant that the wallet could not add is refused, with what it holds counted too', () => {
    const lot = aLot(1, 0n, { granted: AMOUNT_MICRO_MAX, held: AMOUNT_MICRO_MAX });
    const state = aWallet([lot], { held: AMOUNT_MICRO_MAX });
    expect(decide(state, aGrant(1n), 1_000n)).toEqual(TOO_LARGE);
  });

  test('usage that costs nothing to an unlimited wallet is refused when it would cost too much', () => {
    const dear = aDebit(1n, { rule: aRule({ price_pico: 10n ** 30n }) });
    expect(decide(aWallet([], { unlimited: 'plan' }), dear, 1_000n)).toEqual(TOO_LARGE);
  });

  test('a quantity is refused, also of what is free', () => {
    const free = aDebit(1n, { rule: aRule({ price_pico: 0n }), quantity: 2n ** 63n });
    expect(decide(aWallet([]), free, 1_000n)).toEqual(TOO_LARGE);
  });

  test('a price beyond all counting is too few credits where there are not so many', () => {
    const dear = aDebit(1n, { rule: aRule({ price_pico: 10n ** 40n }) });
    expect(decide(aWallet([aLot(1, 5n)]), dear, 1_000n)).toMatchObject({
      refusal: { code: 'insufficient_credits' },
    });
  });
});
