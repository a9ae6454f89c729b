import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type KnownRefund,
  type LotOfPayment,
  type MoneyOfPayment,
  refundedOf,
  reversalsFor,
} from '../../src/core/payment-reversals.ts';

const aLot = (more: Partial<LotOfPayment> = {}): LotOfPayment => {
  return { number: 1, granted: 500n, spare: 500n, clawed_back: 0n, clawbacks: [], ...more };
};
const money = (more: Partial<MoneyOfPayment> = {}): MoneyOfPayment => {
  return { total_minor: 4_500n, refunded_minor: 0n, lost_minor: 0n, disputed_minor: 0n, ...more };
};
const refund = (amount_minor: bigint, status: KnownRefund['status'] = 'completed') => {
  return { amount_minor, status, is_at_stripe: true };
};

/** What became of the lots of a payment, as the ledger would have it. */
class Lots {
  readonly lots: (LotOfPayment & {
    clawbacks: { entry_seq: bigint; amount: bigint; taken_out: bigint }[];
  })[];
  private seq = 0n;

  constructor(grants: readonly bigint[]) {
    this.lots = grants.map((granted, number) => ({
      ...aLot({ number, granted, spare: granted }),
      clawbacks: [],
    }));
  }

  follow(state: MoneyOfPayment): void {
    for (const reversal of reversalsFor(state, this.lots)) {
      const lot = this.lots.find(({ number }) => number === reversal.lot);
      if (lot === undefined) throw new Error('a lot of another payment');
      if (reversal.kind === 'clawback') {
        const { amount_micro: amount } = reversal;
        const taken_out = amount < lot.spare ? amount : lot.spare;
        lot.spare -= taken_out;
        lot.clawed_back += amount;
        lot.clawbacks.push({ entry_seq: ++this.seq, amount, taken_out });
      } else {
        const index = lot.clawbacks.findIndex(({ entry_seq }) => entry_seq === reversal.entry_seq);
        const [undone] = lot.clawbacks.splice(index, 1);
        if (undone === undefined) throw new Error('a clawback that was not made, or undone before');
        lot.clawed_back -= undone.amount;
        lot.spare += undone.taken_out;
      }
    }
  }

  spend(lotNumber: number, amount: bigint): void {
    const lot = this.lots[lotNumber % this.lots.length];
    if (lot !== undefined) lot.spare -= amount < lot.spare ? amount : lot.spare;
  }
}

describe('Promise 8: what is clawed back for a payment whose money goes back', () => {
  test('is the ratio of the money, of the paid lot and of the bonus, each rounded down', () => {
    const lots = [aLot(), aLot({ number: 2, granted: 50n })];
    expect(reversalsFor(money({ refunded_minor: 1_000n }), lots)).toEqual([
      { kind: 'clawback', lot: 1, amount_micro: 111n },
      { kind: 'clawback', lot: 2, amount_micro: 11n },
    ]);
  });

  test('is of the original grant, less what was clawed back before, and nothing when told twice', () => {
    const lots = [aLot({ clawed_back: 111n })];
    expect(reversalsFor(money({ refunded_minor: 4_500n }), lots)).toEqual([
      { kind: 'clawback', lot: 1, amount_micro: 389n },
    ]);
    expect(reversalsFor(money({ refunded_minor: 1_000n }), lots)).toEqual([]);
  });

  test('is what is left of the lot while a dispute is open, and the rest when it is lost', () => {
    const spent = aLot({ spare: 200n });
    expect(reversalsFor(money({ disputed_minor: 4_500n }), [spent])).toEqual([
      { kind: 'clawback', lot: 1, amount_micro: 200n },
    ]);
    const clawed = aLot({ spare: 0n, clawed_back: 200n });
    expect(reversalsFor(money({ disputed_minor: 4_500n }), [clawed])).toEqual([]);
    expect(reversalsFor(money({ lost_minor: 4_500n }), [clawed])).toEqual([
      { kind: 'clawback', lot: 1, amount_micro: 300n },
    ]);
  });

  test('comes back by undoing the newest clawbacks when a dispute is won', () => {
    const clawbacks = [
      { entry_seq: 7n, amount: 100n, taken_out: 100n },
      { entry_seq: 9n, amount: 400n, taken_out: 300n },
    ];
    const lot = aLot({ spare: 0n, clawed_back: 500n, clawbacks });
    expect(reversalsFor(money({ refunded_minor: 900n }), [lot])).toEqual([
      { kind: 'reinstatement', lot: 1, entry_seq: 9n },
    ]);
    expect(reversalsFor(money({ refunded_minor: 1_800n }), [lot])).toEqual([
      { kind: 'reinstatement', lot: 1, entry_seq: 9n },
      { kind: 'clawback', lot: 1, amount_micro: 100n },
    ]);
  });

  test('attack 46: is never more than was granted, whatever refunds and disputes there are of one sum', () => {
    const minor = fc.bigInt({ min: 0n, max: 5_000n });
    const step = fc.record({
      refunded_minor: minor,
      lost_minor: minor,
      disputed_minor: minor,
      spend: fc.bigInt({ min: 0n, max: 10n ** 12n }),
      of: fc.nat(3),
    });
    const grants = fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(grants, fc.array(step, { minLength: 1, maxLength: 12 }), (granted, steps) => {
        const total_minor = 4_500n;
        const books = new Lots(granted);
        for (const { spend, of, ...state } of steps) {
          books.spend(of, spend);
          books.follow({ total_minor, ...state });
          const gone = state.refunded_minor + state.lost_minor;
          const most = gone + state.disputed_minor;
          for (const lot of books.lots) {
            const share = (part: bigint) =>
              (lot.granted * (part < total_minor ? part : total_minor)) / total_minor;
            expect(lot.clawed_back).toBeGreaterThanOrEqual(share(gone));
            expect(lot.clawed_back).toBeLessThanOrEqual(share(most));
          }
        }
        books.follow(money());
        expect(books.lots.map(({ clawed_back }) => clawed_back)).toEqual(granted.map(() => 0n));
      }),
    );
  });
});

describe('how much of a payment is refunded', () => {
  const of = (refunds: KnownRefund[], charge_refunded_minor = 0n): bigint =>
    refundedOf({ total_minor: 1_000n, charge_refunded_minor, refunds });

  test('is what its refunds come to, or more where the charge says so', () => {
    expect(of([refund(300n), refund(200n, 'pending')])).toBe(500n);
    expect(of([refund(300n)], 800n)).toBe(800n);
    expect(of([refund(300n)], 5_000n)).toBe(1_000n);
  });

  test('does not count what failed, nor what Stripe never made', () => {
    expect(of([refund(300n, 'failed')], 300n)).toBe(0n);
    expect(of([refund(300n, 'failed'), refund(300n)], 300n)).toBe(300n);
    expect(of([{ ...refund(300n, 'cancelled'), is_at_stripe: false }], 300n)).toBe(300n);
  });

  test('attack 43: is the same in whatever order and however often it is told', () => {
    const toldAnyhow = fc
      .array(fc.bigInt({ min: 1n, max: 100n }), { minLength: 1, maxLength: 6 })
      .chain((parts) => {
        const sums = parts.map((_part, index) =>
          parts.slice(0, index + 1).reduce((sum, part) => sum + part, 0n),
        );
        const twice = fc.shuffledSubarray([...sums, ...sums], { minLength: 2 * sums.length });
        return fc.record({ parts: fc.constant(parts), told: twice });
      });
    fc.assert(
      fc.property(toldAnyhow, ({ parts, told }) => {
        const most = told.reduce((known, sum) => (sum > known ? sum : known), 0n);
        const all = parts.reduce((sum, part) => sum + part, 0n);
        expect(of([], most)).toBe(all);
        expect(
          of(
            parts.map((part) => refund(part)),
            most,
          ),
        ).toBe(all);
      }),
    );
  });
});
