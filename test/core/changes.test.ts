import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeInTenths, changeInWords, percentOf, shareOf } from '../../src/core/changes.ts';

test.each([
  [397_600_000n, 356_650_000n, '11.5 % more than'],
  [92n, 100n, '8 % less than'],
  [0n, 5n, '100 % less than'],
  [5n, 5n, 'as much as'],
  [1_000_000n, 1_000_001n, 'about as much as'],
  [13_500n, 1_000n, '1,250 % more than'],
])('%d beside %d before is "%s"', (now, before, words) => {
  expect(changeInWords(now, before)).toBe(words);
});

test('beside nothing there is no change to speak of', () => {
  expect(changeInWords(5n, 0n)).toBeUndefined();
  expect(changeInTenths(5n, -3n)).toBeUndefined();
});

test('a change is rounded to the nearest tenth of a percent, up and down alike', () => {
  const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
  fc.assert(
    fc.property(amount, amount, (before, difference) => {
      const up = changeInTenths(before + difference, before) ?? 0n;
      expect(changeInTenths(before - difference, before)).toBe(-up);
      const off = 2n * (difference * 1_000n - up * before);
      expect(off <= before && off >= -before).toBe(true);
    }),
  );
});

test('percents are written with their tenth when there is one', () => {
  expect([105n, 100n, -5n, 0n].map(percentOf)).toEqual(['10.5 %', '10 %', '−0.5 %', '0 %']);
});

test.each([
  [1n, 3n, '33.3 %'],
  [5n, 5n, '100 %'],
  [100_000n, 306_100_000n, 'under 0.1 %'],
  [0n, 5n, '0 %'],
  [-1n, 5n, ''],
  [1n, 0n, ''],
])('%d of %d is a share of "%s": something is never told as nothing', (part, whole, share) => {
  expect(shareOf(part, whole)).toBe(share);
});
