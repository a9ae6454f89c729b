import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BookedMove,
  type MoneyMove,
  netDifference,
  reconcileMoves,
  utcDayOf,
} from '../../src/core/reconciliation.ts';

const DAYS = ['2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'] as const;

const move: fc.Arbitrary<MoneyMove> = fc.record({
  kind: fc.constantFrom('charge' as const, 'refund' as const, 'dispute' as const),
  id: fc.uuid(),
  payment_id: fc.uuid(),
  day: fc.constantFrom(...DAYS),
  currency: fc.constantFrom('USD', 'INR'),
  amount_minor: fc.bigInt({ min: 0n, max: 1_000_000n }),
});
const moves = fc.uniqueArray(move, { selector: ({ kind, id }) => `${kind} ${id}`, maxLength: 30 });

const booked = (one: MoneyMove): BookedMove => ({ ...one, sold_micro: 5n, granted_micro: 5n });
const differencesOf = (days: ReturnType<typeof reconcileMoves>) =>
  days.flatMap(({ differences }) => differences);

describe('reconcileMoves', () => {
  test('what both sides know alike comes to zero each day, on whichever day we booked it', () => {
    fc.assert(
      fc.property(moves, fc.constantFrom(...DAYS), (taken, day) => {
        const days = reconcileMoves(
          taken,
          taken.map((one) => booked({ ...one, day })),
        );
        expect(differencesOf(days)).toEqual([]);
        expect(days.every((one) => netDifference(one) === 0n)).toBe(true);
        expect(days.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  test('what one side lacks, or has otherwise, is a difference each, and explains the sums', () => {
    fc.assert(
      fc.property(moves, fc.func(fc.constantFrom('same', 'missing', 'other')), (taken, fate) => {
        const ours = taken.flatMap((one) => {
          const { id } = one;
          if (fate(id) === 'missing') return [];
          const more = fate(id) === 'other' ? 7n : 0n;
          return [booked({ ...one, amount_minor: one.amount_minor + more })];
        });
        for (const [atStripe, own] of [
          [taken, ours],
          [ours, taken.map(booked)],
        ] as const) {
          const days = reconcileMoves(atStripe, own);
          const amiss = taken.filter(({ id }) => fate(id) !== 'same').map(({ id }) => id);
          expect(new Set(differencesOf(days).map(({ id }) => id))).toEqual(new Set(amiss));
          const told = differencesOf(days).reduce((sum, { kind, at_stripe = 0n, booked = 0n }) => {
            return sum + (kind === 'charge' ? at_stripe - booked : booked - at_stripe);
          }, 0n);
          expect(days.reduce((sum, day) => sum + netDifference(day), 0n)).toBe(told);
        }
      }),
    );
  });

  test('amounts that cancel each other out, other currencies and missing credits are told', () => {
    const one: MoneyMove = {
      ...{ kind: 'charge', id: 'pi_1', day: DAYS[0], currency: 'USD', amount_minor: 10n },
    };
    const other = { ...one, id: 'pi_2' };
    const swapped = [booked({ ...one, amount_minor: 11n }), booked({ ...other, amount_minor: 9n })];
    expect(differencesOf(reconcileMoves([one, other], swapped))).toHaveLength(2);
    const inRupees = reconcileMoves([one], [booked({ ...one, currency: 'INR' })]);
    expect(inRupees.map(({ currency }) => currency)).toEqual(['INR', 'USD']);
    expect(differencesOf(inRupees)).toMatchObject([{ id: 'pi_1', kind: 'charge' }]);
    const short = reconcileMoves([one], [{ ...booked(one), granted_micro: 4n }]);
    expect(differencesOf(short)).toMatchObject([{ kind: 'credits', at_stripe: 5n, booked: 4n }]);
  });
});

test('a day begins at midnight in UTC', () => {
  expect(utcDayOf(Date.parse('2026-11-21T23:59:59Z') / 1000)).toBe(DAYS[1]);
  expect(utcDayOf(Date.parse('2026-11-21T00:00:00Z') / 1000)).toBe(DAYS[1]);
});
