import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CHARGE_MINOR_MAX,
  type TopUpState,
  decideTopUp,
  noticePercentOf,
} from '../../src/core/auto-top-up.ts';
import { tries } from '../support/properties.ts';

const CREDIT = 1_000_000n;

function aState(change: Partial<TopUpState> = {}, wallet: object = {}): TopUpState {
  return {
    wallet: {
      ...{ available_micro: 40n * CREDIT, debt_micro: 0n, frozen: false, unlimited: false },
      ...wallet,
    },
    terms: {
      below_micro: 50n * CREDIT,
      price_minor: 1_000n,
      credits_micro: 100n * CREDIT,
      monthly_limit_minor: 20_000n,
    },
    offer: { price_minor: 1_000n, credits_micro: 100n * CREDIT },
    charged_minor: 0n,
    ...change,
  };
}

describe('topping up', () => {
  test.each([
    ['one package where that is enough', {}, {}, 1n],
    ['as many as close the gap', {}, { available_micro: 0n, debt_micro: 151n * CREDIT }, 3n],
    ['what the month leaves', { charged_minor: 18_999n }, { debt_micro: 900n * CREDIT }, 1n],
    ['a cheaper one', { offer: { price_minor: 900n, credits_micro: 120n * CREDIT } }, {}, 1n],
  ])('buys %s', (_name, change, wallet, packages) => {
    expect(decideTopUp(aState(change, wallet))).toEqual({ outcome: 'charge', packages });
  });

  test.each([
    ['enough', {}, { available_micro: 50n * CREDIT }],
    ['enough', {}, { frozen: true }],
    ['enough', {}, { unlimited: true }],
    ['limit_reached', { charged_minor: 19_001n }, {}],
    ['limit_reached', { charged_minor: 30_000n }, {}],
    ['offer_changed', { offer: undefined }, {}],
    ['offer_changed', { offer: { price_minor: 1_001n, credits_micro: 100n * CREDIT } }, {}],
    ['offer_changed', { offer: { price_minor: 1_000n, credits_micro: 99n * CREDIT } }, {}],
  ])('buys nothing and says %s', (outcome, change, wallet) => {
    expect(decideTopUp(aState(change, wallet))).toEqual({ outcome });
  });

  const aWallet = fc.record({
    available_micro: fc.bigInt({ min: 0n, max: 2_000n * CREDIT }),
    debt_micro: fc.bigInt({ min: 0n, max: 2_000n * CREDIT }),
    frozen: fc.constant(false),
    unlimited: fc.constant(false),
  });
  const anOffer = fc.record({
    price_minor: fc.bigInt({ min: 1n, max: 50_000_000n }),
    credits_micro: fc.bigInt({ min: 1n, max: 500n * CREDIT }),
  });

  test('never charges above the limit, nor twice for one gap, and closes the gap if it may', () => {
    fc.assert(
      fc.property(
        aWallet,
        anOffer,
        fc.bigInt({ min: 1n, max: 1_000n * CREDIT }),
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        (wallet, offer, below_micro, monthly_limit_minor, charged_minor) => {
          const terms = { ...offer, below_micro, monthly_limit_minor };
          const decision = decideTopUp({ wallet, terms, offer, charged_minor });
          if (decision.outcome !== 'charge') return;
          const { packages } = decision;
          const total = packages * offer.price_minor;
          expect(packages > 0n && total <= CHARGE_MINOR_MAX).toBe(true);
          expect(charged_minor + total <= monthly_limit_minor).toBe(true);
          const arrives = packages * offer.credits_micro;
          const repaid = arrives < wallet.debt_micro ? arrives : wallet.debt_micro;
          const available_micro = wallet.available_micro + arrives - repaid;
          const debt_micro = wallet.debt_micro - repaid;
          const after = decideTopUp({
            wallet: { ...wallet, available_micro, debt_micro },
            ...{ terms, offer },
            charged_minor: charged_minor + total,
          });
          const isClosed = available_micro >= below_micro;
          // What closes the gap asks for nothing more, and one package less would not have done it.
          if (isClosed) {
            expect(after).toEqual({ outcome: 'enough' });
            expect(available_micro - offer.credits_micro < below_micro).toBe(true);
          } else if (total + offer.price_minor <= CHARGE_MINOR_MAX) {
            expect(after).toEqual({ outcome: 'limit_reached' });
          }
        },
      ),
      tries(2_000),
    );
  });

  test('tells of a share of the limit from the minor unit on that reaches it', () => {
    expect([7_999n, 8_000n, 9_999n, 10_000n].map((sum) => noticePercentOf(sum, 10_000n))).toEqual([
      undefined,
      80n,
      80n,
      100n,
    ]);
  });
});
