import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LotOfPayment, clawbacksFor } from '../../src/core/payment-refunds.ts';

const aLotOfPayment = (more: Partial<LotOfPayment> = {}): LotOfPayment => {
  return { number: 1, granted: 500n, clawed_back: 0n, ...more };
};
const of = (total_minor: bigint, refunded_minor: bigint) => ({ total_minor, refunded_minor });

describe('Promise 8: what is clawed back for a payment that is refunded', () => {
  test('is the ratio of the money, of the paid lot and of the bonus, each rounded down', () => {
    const lots = [aLotOfPayment(), aLotOfPayment({ number: 2, granted: 50n })];
    expect(clawbacksFor(of(4_500n, 1_000n), lots)).toEqual([
      { lot: 1, amount_micro: 111n },
      { lot: 2, amount_micro: 11n },
    ]);
  });

  test('of a second refund is of the original grant, less what was clawed back before', () => {
    const lots = [aLotOfPayment({ clawed_back: 111n })];
    expect(clawbacksFor(of(4_500n, 4_500n), lots)).toEqual([{ lot: 1, amount_micro: 389n }]);
  });

  test('is nothing for a refund that is told twice, or after a later one', () => {
    const lots = [aLotOfPayment({ clawed_back: 250n })];
    expect(clawbacksFor(of(100n, 50n), lots)).toEqual([]);
    expect(clawbacksFor(of(100n, 20n), lots)).toEqual([]);
    expect(clawbacksFor(of(0n, 0n), lots)).toEqual([]);
  });

  test('is asked for no more than was paid', () => {
    expect(() => clawbacksFor(of(100n, 101n), [])).toThrow('cannot have been refunded');
    expect(() => clawbacksFor(of(100n, -1n), [])).toThrow('cannot have been refunded');
  });

  test('does not depend on the parts in which the money went back, and is whole in the end', () => {
    const parts = fc.array(fc.bigInt({ min: 1n, max: 1_000n }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        parts,
        fc.bigInt({ min: 0n, max: 1_000n }),
        fc.array(fc.bigInt({ min: 1n, max: 10n ** 15n }), { minLength: 1, maxLength: 3 }),
        (refunds, kept, grants) => {
          const total = refunds.reduce((sum, part) => sum + part, kept);
          let lots = grants.map((granted, index) => aLotOfPayment({ number: index, granted }));
          let refunded = 0n;
          for (const part of refunds) {
            refunded += part;
            const taken = clawbacksFor(of(total, refunded), lots);
            lots = lots.map((lot) => {
              const back = taken.find((one) => one.lot === lot.number)?.amount_micro ?? 0n;
              return { ...lot, clawed_back: lot.clawed_back + back };
            });
            for (const lot of lots) {
              // Never more than the customer's share of the money, and less by under one micro-credit.
              expect(lot.clawed_back * total <= lot.granted * refunded).toBe(true);
              expect((lot.clawed_back + 1n) * total > lot.granted * refunded).toBe(true);
            }
          }
          for (const lot of lots) if (kept === 0n) expect(lot.clawed_back).toBe(lot.granted);
        },
      ),
    );
  });
});
