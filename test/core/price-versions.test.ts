import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PriceVersion, priceAt, pricesAfter } from '../../src/core/price-versions.ts';
import { aRule } from '../support/wallet-states.ts';

function aVersion(id: string, more: Partial<PriceVersion> = {}): PriceVersion {
  return { ...aRule(), id, scope: 'general', valid_from: 0n, ...more };
}

describe('the price that holds', () => {
  test("is the customer's own, before its plan's, before the general one", () => {
    const versions = [
      aVersion('general'),
      aVersion('plan', { scope: 'plan' }),
      aVersion('own', { scope: 'customer' }),
    ];
    expect(priceAt(versions, 1n)?.id).toBe('own');
    expect(priceAt(versions.slice(0, 2), 1n)?.id).toBe('plan');
    expect(priceAt(versions.slice(0, 1), 1n)?.id).toBe('general');
    expect(priceAt([], 1n)).toBeUndefined();
  });

  test('is the one that began last, and of two that begin together the later made', () => {
    const versions = [
      aVersion('first'),
      aVersion('planned', { version: 2, valid_from: 20n }),
      aVersion('sooner', { version: 3, valid_from: 10n }),
      aVersion('instead', { version: 4, valid_from: 20n }),
    ];
    const moments = [0n, 9n, 10n, 19n, 20n, 99n];
    expect(moments.map((at) => priceAt(versions, at)?.id)).toEqual([
      ...['first', 'first', 'sooner', 'sooner', 'instead', 'instead'],
    ]);
  });

  test('is the next nearest again when one ends, and none when all have', () => {
    const versions = [
      aVersion('general'),
      aVersion('own', { scope: 'customer', valid_from: 10n }),
      aVersion('own ends', { scope: 'customer', version: 2, valid_from: 20n, components: [] }),
      aVersion('general ends', { version: 2, valid_from: 30n, components: [] }),
    ];
    const moments = [0n, 10n, 20n, 30n];
    expect(moments.map((at) => priceAt(versions, at)?.id)).toEqual([
      ...['general', 'own', 'general', undefined],
    ]);
  });

  test('is seen beforehand: each moment at which it will be another', () => {
    const versions = [
      aVersion('general'),
      aVersion('later', { version: 2, valid_from: 30n }),
      aVersion('own', { scope: 'customer', valid_from: 20n }),
      aVersion('own ends', { scope: 'customer', version: 2, valid_from: 40n, components: [] }),
    ];
    const upcoming = pricesAfter(versions, 10n);
    expect(upcoming.map(({ valid_from, price }) => [valid_from, price?.id])).toEqual([
      [20n, 'own'],
      [40n, 'later'],
    ]);
  });

  test('changes only at the moments that are told beforehand, for any versions', () => {
    const version = fc.record({
      scope: fc.constantFrom('customer' as const, 'plan' as const, 'general' as const),
      valid_from: fc.bigInt({ min: 0n, max: 20n }),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(version, { maxLength: 12 }), (made) => {
        const versions = made.map(({ ends, ...more }, index) =>
          aVersion(`version ${index}`, {
            ...more,
            version: index + 1,
            ...(ends ? { components: [] } : {}),
          }),
        );
        let told = priceAt(versions, 5n);
        const upcoming = pricesAfter(versions, 5n);
        for (let at = 5n; at <= 21n; at += 1n) {
          const now = upcoming.find(({ valid_from }) => valid_from === at);
          if (now !== undefined) told = now.price;
          expect(priceAt(versions, at)?.id).toBe(told?.id);
        }
      }),
    );
  });
});
