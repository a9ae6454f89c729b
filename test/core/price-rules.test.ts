import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ONE_UNIT, type PriceComponent, formatPrice, priceOf } from '../../src/core/price-rules.ts';
import { aRule } from '../support/wallet-states.ts';

const PICO = 10n ** 12n;

function component(more: Partial<PriceComponent>): PriceComponent {
  return { code: 'c', label: 'C', unit: 'unit', charge: 'per_unit', price_pico: PICO, ...more };
}

describe('a price', () => {
  test('of a call and its started minutes is the sum of both', () => {
    const call = component({ charge: 'flat' });
    const minute = component({ price_pico: PICO / 2n, step: ONE_UNIT });
    const rule = { ...aRule(), components: [call, minute] };
    const price = priceOf(rule, 15_700_000n);
    expect(price.amount_micro).toBe(9_000_000n);
    expect(price.lines.map((line) => [line.quantity, line.amount_micro])).toEqual([
      [ONE_UNIT, 1_000_000n],
      [16n * ONE_UNIT, 8_000_000n],
    ]);
  });

  test('of less than a micro-credit is one micro-credit', () => {
    expect(priceOf(aRule({ price_pico: 1n }), ONE_UNIT).amount_micro).toBe(1n);
  });

  test('of a million tokens at 0.00000125 each is 1.25, not rounded token by token', () => {
    const rule = aRule({ price_pico: 1_250_000n });
    expect(priceOf(rule, 1_000_000n * ONE_UNIT).amount_micro).toBe(1_250_000n);
  });

  test('is rounded up once for all lines, and the last line takes the remainder', () => {
    const third = component({ price_pico: 333_333n });
    const price = priceOf({ ...aRule(), components: [third, third, third] }, ONE_UNIT);
    expect(price.amount_micro).toBe(1n);
    expect(price.lines.map((line) => line.amount_micro)).toEqual([0n, 0n, 1n]);
  });

  test('has lines that add up to its amount, for any rule and quantity', () => {
    const components = fc.array(
      fc.record({
        price_pico: fc.bigInt({ min: 0n, max: 10n ** 15n }),
        charge: fc.constantFrom('flat' as const, 'per_unit' as const),
        step: fc.constantFrom(undefined, ONE_UNIT, 60n * ONE_UNIT),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(components, fc.bigInt({ min: 1n, max: 10n ** 12n }), (made, quantity) => {
        const rule = {
          ...aRule(),
          components: made.map(({ step, ...rest }) =>
            component({ ...rest, ...(step === undefined ? {} : { step }) }),
          ),
        };
        const price = priceOf(rule, quantity);
        expect(price.lines.reduce((sum, line) => sum + line.amount_micro, 0n)).toBe(
          price.amount_micro,
        );
        expect(price.lines.every((line) => line.amount_micro >= 0n)).toBe(true);
      }),
    );
  });

  test('a unit price shows at least two decimals, and all that it has', () => {
    expect(formatPrice(3n * PICO)).toBe('3.00');
    expect(formatPrice(1_250_000n)).toBe('0.00000125');
  });
});
