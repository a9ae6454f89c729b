import { describe, expect, test } from 'vitest';
import { formatMoney, formatPricePerCredit } from '../../src/core/money.ts';

describe('money as text', () => {
  test('minor units follow the currency: two decimals, none, three', () => {
    expect(formatMoney(4500n, 'USD')).toBe('$45.00');
    expect(formatMoney(4500n, 'JPY')).toBe('¥4,500');
    expect(formatMoney(4500n, 'KWD')).toMatch(/^KWD\s4\.500$/);
    expect(formatMoney(-5n, 'USD')).toBe('-$0.05');
  });

  test('a price per credit has four decimals, rounded half up', () => {
    expect(formatPricePerCredit(8000n, 'USD', 1_150_000_000n)).toBe('$0.0696');
    expect(formatPricePerCredit(4500n, 'USD', 550_000_000n)).toBe('$0.0818');
    expect(formatPricePerCredit(1n, 'USD', 200_000_000n)).toBe('$0.0001');
  });
});
