import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ONE_UNIT,
  type PriceComponent,
  countedPeriods,
  formatPrice,
  priceOf,
} from '../../src/core/price-rules.ts';
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
});

describe('a price by use', () => {
  /** Ten units included, ninety at 0.50, the rest at 0.20. */
  const bands = [
    { up_to: 10n * ONE_UNIT, price_pico: 0n },
    { up_to: 100n * ONE_UNIT, price_pico: PICO / 2n },
  ];
  const byUse = (mode: 'graduated' | 'volume') =>
    aRule({ price_pico: PICO / 5n, tiers: { period: 'month', mode, bands } });
  const after = (units: bigint) => (): bigint => units * ONE_UNIT;

  test('is by the tier that each unit falls into, with a line for each', () => {
    const price = priceOf(byUse('graduated'), 100n * ONE_UNIT, after(5n));
    expect(price.lines.map((line) => [line.quantity, line.price_pico, line.amount_micro])).toEqual([
      [5n * ONE_UNIT, 0n, 0n],
      [90n * ONE_UNIT, PICO / 2n, 45_000_000n],
      [5n * ONE_UNIT, PICO / 5n, 1_000_000n],
    ]);
    expect(price.amount_micro).toBe(46_000_000n);
  });

  test('ends a tier with its last unit', () => {
    const rule = byUse('graduated');
    expect(priceOf(rule, ONE_UNIT, after(9n)).amount_micro).toBe(0n);
    expect(priceOf(rule, ONE_UNIT, after(10n)).amount_micro).toBe(500_000n);
    expect(priceOf(rule, ONE_UNIT, after(100n)).amount_micro).toBe(200_000n);
  });

  test('by volume is that of the tier in which the last unit falls, for all of them', () => {
    const rule = byUse('volume');
    expect(priceOf(rule, 20n * ONE_UNIT).amount_micro).toBe(10_000_000n);
    expect(priceOf(rule, ONE_UNIT, after(99n)).amount_micro).toBe(500_000n);
    expect(priceOf(rule, 2n * ONE_UNIT, after(99n)).amount_micro).toBe(400_000n);
  });

  test('in graduated tiers comes to the same in one go as unit by unit, up to the rounding', () => {
    const tier = fc.record({
      width: fc.bigInt({ min: 1n, max: 5n * ONE_UNIT }),
      price_pico: fc.bigInt({ min: 0n, max: 3n * PICO }),
    });
    fc.assert(
      fc.property(
        fc.array(tier, { minLength: 1, maxLength: 4 }),
        fc.array(fc.bigInt({ min: 1n, max: 4n * ONE_UNIT }), { minLength: 1, maxLength: 8 }),
        (tiers, quantities) => {
          let up_to = 0n;
          const made = tiers.map(({ width, price_pico }) => ({
            up_to: (up_to += width),
            price_pico,
          }));
          const rule = aRule({ tiers: { period: 'all', mode: 'graduated', bands: made } });
          let [used, sum] = [0n, 0n];
          for (const quantity of quantities) {
            const before = used;
            const price = priceOf(rule, quantity, () => before);
            const shown = price.lines.reduce((total, line) => total + line.quantity, 0n);
            expect(shown).toBe(quantity);
            sum += price.amount_micro;
            used += quantity;
          }
          const whole = priceOf(rule, used).amount_micro;
          expect(sum >= whole && sum < whole + BigInt(quantities.length)).toBe(true);
        },
      ),
    );
  });

  test('is counted in each period that a tier names, once', () => {
    const tiers = { period: 'day', mode: 'volume', bands } as const;
    const components = [component({}), component({ tiers }), component({ tiers })];
    expect(countedPeriods({ ...aRule(), components })).toEqual(['day']);
    expect(countedPeriods(aRule())).toEqual([]);
  });
});

describe('a unit price', () => {
  test('shows at least two decimals, and all that it has', () => {
    expect(formatPrice(3n * PICO)).toBe('3.00');
    expect(formatPrice(1_250_000n)).toBe('0.00000125');
  });
});
