import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decimalCredits,
  decimalsOfColumn,
  formatCredits,
  parseCredits,
} from '../../src/core/credits.ts';

describe('credits as text', () => {
  test('a decimal string is read exactly', () => {
    expect(parseCredits('0.25')).toBe(250_000n);
    expect(parseCredits('10')).toBe(10_000_000n);
    expect(parseCredits('-1.000001')).toBe(-1_000_001n);
  });

  test.each(['', ' 1', '1.', '.5', '1e3', '1.0000001', 'NaN', '0x10', '+1', '1,5', '9'.repeat(16)])(
    'anything else is refused: "%s"',
    (text) => {
      expect(parseCredits(text)).toBeUndefined();
    },
  );

  test('what is written is read back as it was, for any amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (amount) => {
        expect(parseCredits(decimalCredits(amount))).toBe(amount);
      }),
    );
  });

  test('people read thousands by comma, a real minus and at least two decimals', () => {
    expect(formatCredits(1_284_400_000n)).toBe('1,284.40');
    expect(formatCredits(-900_000n)).toBe('−0.90');
    expect(formatCredits(15_000_000n, { plus: true })).toBe('+15.00');
    expect(formatCredits(2_300n)).toBe('0.0023');
  });

  test('a column shows as many decimals as its longest amount needs', () => {
    const column = [250_000n, 2_060n, 1_000_000n];
    const decimals = decimalsOfColumn(column);
    expect(column.map((amount) => formatCredits(amount, { decimals }))).toEqual([
      '0.25000',
      '0.00206',
      '1.00000',
    ]);
  });

  test('a format with too few decimals never rounds', () => {
    expect(formatCredits(1n, { decimals: 2 })).toBe('0.000001');
  });
});
