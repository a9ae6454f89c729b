import { describe, expect, test } from 'vitest';
import { AMOUNT_MICRO_MAX } from '../../src/core/credits.ts';
import { decide } from '../../src/core/decide.ts';
import { aDebit, aGrant, aLot, aRule, aWallet } from '../support/wallet-states.ts';

const TOO_LARGE = {
  outcome: 'refused',
  refusal: { code: 'amount_too_large', most: AMOUNT_MICRO_MAX },
};

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
