import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ONE_UNIT,
  type PriceComponent,
  countedPeriods,
  countedQuantity,
  formatPrice,
  priceOf,
  unknownComponent,
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

describe('a price of components that are measured by themselves', () => {
  const call = component({ code: 'call', charge: 'flat' });
  const minute = component({ code: 'minute', price_pico: PICO / 2n, step: ONE_UNIT });
  const token = component({ code: 'token', price_pico: 1_250_000n });
  const rule = { ...aRule(), components: [call, minute, token] };
  const measured = (one: Record<string, bigint>) => new Map(Object.entries(one));

  test('takes of each its own quantity, and of the others that of the operation', () => {
    const used = measured({ minute: 3_200_000n, token: 1_000_000n * ONE_UNIT });
    const price = priceOf(rule, ONE_UNIT, undefined, used);
    expect(price.amount_micro).toBe(1_000_000n + 2_000_000n + 1_250_000n);
    expect(price.lines.map((line) => [line.code, line.quantity, line.measured])).toEqual([
      ['call', ONE_UNIT, undefined],
      ['minute', 4n * ONE_UNIT, 3_200_000n],
      ['token', 1_000_000n * ONE_UNIT, 1_000_000n * ONE_UNIT],
    ]);
    const one = priceOf(rule, ONE_UNIT, undefined, measured({ minute: 3_200_000n }));
    expect(one.lines[2]?.quantity).toBe(ONE_UNIT);
  });

  test('has a line of nothing for what was not used', () => {
    const price = priceOf(rule, ONE_UNIT, undefined, measured({ minute: 0n, token: 0n }));
    expect(price.amount_micro).toBe(1_000_000n);
    expect(price.lines.map((line) => line.amount_micro)).toEqual([1_000_000n, 0n, 0n]);
  });

  test('knows those that are charged by the unit, and no others', () => {
    expect(unknownComponent(rule, measured({ minute: 1n, token: 1n }))).toBeUndefined();
    expect(unknownComponent(rule, measured({ minute: 1n, call: 1n }))).toBe('call');
    expect(unknownComponent(rule, measured({ constructor: 1n }))).toBe('constructor');
    expect(unknownComponent(rule, undefined)).toBeUndefined();
  });

  test('counts for tiers what was used of the component that has them', () => {
    const bands = [{ up_to: 10n * ONE_UNIT, price_pico: 0n }];
    const tiered = component({
      code: 'minute',
      tiers: { period: 'day', mode: 'graduated', bands },
    });
    const byUse = { ...aRule(), components: [call, tiered] };
    const used = measured({ minute: 12n * ONE_UNIT });
    expect(countedQuantity(byUse, ONE_UNIT, used)).toBe(12n * ONE_UNIT);
    expect(countedQuantity(byUse, ONE_UNIT)).toBe(ONE_UNIT);
    expect(priceOf(byUse, ONE_UNIT, undefined, used).amount_micro).toBe(3_000_000n);
  });
});

describe('a minimum', () => {
  const rule = aRule({ price_pico: PICO / 10n, minimum_pico: PICO / 2n });

  test('is what a use costs that comes to less, in a line of its own', () => {
    const { amount_micro, lines } = priceOf(rule, 2n * ONE_UNIT);
    expect(amount_micro).toBe(500_000n);
    expect(lines).toMatchObject([{ label: 'Unit, at least', unit: 'minimum', quantity: ONE_UNIT }]);
  });

  test('changes nothing from where it is reached', () => {
    expect(priceOf(rule, 5n * ONE_UNIT).lines).toMatchObject([{ quantity: 5n * ONE_UNIT }]);
    expect(priceOf(rule, 6n * ONE_UNIT).amount_micro).toBe(600_000n);
  });

  test('is not charged for what was not used at all', () => {
    const none = new Map([['unit', 0n]]);
    expect(priceOf(rule, ONE_UNIT, undefined, none).amount_micro).toBe(0n);
  });
});

describe('a unit price', () => {
  test('shows at least two decimals, and all that it has', () => {
    expect(formatPrice(3n * PICO)).toBe('3.00');
    expect(formatPrice(1_250_000n)).toBe('0.00000125');
  });
});
