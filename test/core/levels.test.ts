import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEVELS, type Measured, levelOf, measureLevel } from '../../src/core/levels.ts';
import { tries } from '../support/properties.ts';

const wallet: Measured = {
  available_micro: 100n,
  debt_micro: 0n,
  granted_last_micro: 100n,
  frozen: false,
  unlimited: false,
  rate: undefined,
};
/** Ten a day. */
const rate = { spent_micro: 280n, days: 28 };

test.each([
  ['healthy from a fifth of what was granted last', { available_micro: 20n }, 'healthy'],
  ['low under a fifth', { available_micro: 19n }, 'low'],
  ['low at a twentieth', { available_micro: 5n }, 'low'],
  ['critical under a twentieth', { available_micro: 4n }, 'critical'],
  ['healthy with enough for seven days', { available_micro: 70n, rate }, 'healthy'],
  ['low with less than that', { available_micro: 69n, rate }, 'low'],
  ['low with enough for two days', { available_micro: 20n, rate }, 'low'],
  ['critical with less than that', { available_micro: 19n, rate }, 'critical'],
  ['healthy when nothing is used', { rate: { spent_micro: 0n, days: 28 } }, 'healthy'],
  ['empty with nothing', { available_micro: 0n }, 'empty'],
  ['in debt, whatever is available', { debt_micro: 1n }, 'debt'],
  ['unlimited before all that can be counted', { debt_micro: 1n, unlimited: true }, 'unlimited'],
  ['frozen before everything', { unlimited: true, frozen: true }, 'frozen'],
] as const)('L9 a wallet is %s', (_name, change, level) => {
  expect(levelOf({ ...wallet, ...change })).toBe(level);
});

test('L9 the reason of a level is told: days before the share, and none of what is healthy', () => {
  expect(measureLevel({ ...wallet, available_micro: 19n })).toEqual({
    level: 'low',
    because: 'share',
  });
  expect(measureLevel({ ...wallet, available_micro: 19n, rate }).because).toBe('days');
  expect(measureLevel(wallet)).toEqual({ level: 'healthy' });
});

test('L9 a preset sets other limits', () => {
  const limits = { low_percent: 50n, critical_percent: 10n, low_days: 30n, critical_days: 9n };
  expect(levelOf({ ...wallet, available_micro: 49n }, limits)).toBe('low');
  expect(levelOf({ ...wallet, available_micro: 89n, rate }, limits)).toBe('critical');
});

test('L9 who has more is never worse off', () => {
  const amount = fc.bigInt(0n, 10n ** 15n);
  fc.assert(
    fc.property(
      fc.record({ one: amount, more: amount, granted: amount, spent: amount }),
      fc.integer({ min: 3, max: 28 }),
      ({ one, more, granted, spent }, days) => {
        const at = (available_micro: bigint): number =>
          LEVELS.indexOf(
            levelOf({
              ...wallet,
              ...{ available_micro, granted_last_micro: granted },
              rate: { spent_micro: spent, days },
            }),
          );
        expect(at(one + more)).toBeLessThanOrEqual(at(one));
      },
    ),
    tries(200),
  );
});
