import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  averageDayOf,
  burnRateOf,
  daysThatLast,
  historyOf,
  isLessThanDays,
} from '../../src/core/burn-rates.ts';
import { tries } from '../support/properties.ts';

const days = (count: number, spent = 0n): bigint[] => Array.from({ length: count }, () => spent);

describe('the history that a burn rate rests on', () => {
  test('is 28 whole days when anything was spent before them', () => {
    expect(historyOf([...days(27), 5n, ...days(27), 3n])).toEqual([...days(27), 3n]);
  });

  test('begins with the first day of use when nothing was spent before', () => {
    expect(historyOf([...days(52), 7n, 0n, 2n, 0n])).toEqual([7n, 0n, 2n, 0n]);
    expect(historyOf(days(56))).toEqual([]);
  });

  test('is too short for a rate before three days are whole', () => {
    expect(burnRateOf([9n, 9n])).toBeUndefined();
    expect(burnRateOf([9n, 0n, 9n])).toEqual({ spent_micro: 18n, days: 3 });
  });

  test('is no use when more came back than was spent', () => {
    expect(burnRateOf([9n, -20n, 0n])).toEqual({ spent_micro: 0n, days: 3 });
  });
});

test('an average day is told to the hundredth, half of it up', () => {
  expect(averageDayOf({ spent_micro: 397_600_000n, days: 28 })).toBe(14_200_000n);
  expect(averageDayOf({ spent_micro: 400_000_000n, days: 28 })).toBe(14_290_000n);
  expect(averageDayOf({ spent_micro: 15_000n, days: 3 })).toBe(10_000n);
});

test('1,150 credits last about 81 days at 14.20 a day, and for ever when nothing is used', () => {
  const rate = { spent_micro: 397_600_000n, days: 28 };
  expect(daysThatLast(1_150_000_000n, rate)).toBe(81);
  expect(daysThatLast(1n, { spent_micro: 0n, days: 28 })).toBeUndefined();
});

test('an amount is less than so many days exactly as long as it does not last them', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 10n ** 15n),
      fc.bigInt(1n, 10n ** 15n),
      fc.integer({ min: 3, max: 28 }),
      fc.bigInt(1n, 60n),
      (micro, spent_micro, count, asked) => {
        const whole = (micro * BigInt(count)) / spent_micro;
        expect(isLessThanDays(micro, { spent_micro, days: count }, asked)).toBe(whole < asked);
      },
    ),
    tries(200),
  );
});
