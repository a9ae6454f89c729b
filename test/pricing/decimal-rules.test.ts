import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecimalComponents, decimalComponents } from '../../src/pricing/decimal-rules.ts';
import { storedComponents, storedRule } from '../../src/pricing/stored-rules.ts';
import { someComponents } from '../support/random-prices.ts';

const minute = {
  code: 'minute',
  label: 'Minute',
  unit: 'minute',
  charge: 'per_unit',
  price: '0.5',
};
const bands = [{ up_to: '10', price: '0' }];
const tiers = { period: 'month', mode: 'graduated', bands };

function faultOf(...components: object[]): string | undefined {
  const parsed = DecimalComponents.safeParse(components);
  return parsed.error?.issues[0]?.message;
}

describe('a price in decimal strings', () => {
  test('is the same again after it was written and read, and after it was stored', () => {
    fc.assert(
      fc.property(someComponents, (components) => {
        expect(DecimalComponents.parse(decimalComponents(components))).toEqual(components);
        const stored: unknown = JSON.parse(storedComponents(components));
        const row = { id: 'rule', operation: 'work', version: 1 };
        expect(storedRule({ ...row, components: stored }).components).toEqual(components);
      }),
    );
  });

  test('may end a price, by having no components', () => {
    expect(DecimalComponents.parse([])).toEqual([]);
  });

  test('names what is wrong with it', () => {
    expect(faultOf({ ...minute, price: '-1' })).toMatch(/decimal string/);
    expect(faultOf({ ...minute, price: 0.5 })).toMatch(/string/);
    expect(faultOf({ ...minute, price: '1e400' })).toMatch(/decimal string/);
    expect(faultOf({ ...minute, step: '0' })).toMatch(/decimal string/);
    expect(faultOf(minute, minute)).toMatch(/code of its own/);
    expect(faultOf({ ...minute, charge: 'flat', step: '1' })).toMatch(/charged once/);
    expect(faultOf({ ...minute, tiers, minimum: '1' })).toMatch(/tiers or a minimum/);
    expect(faultOf({ ...minute, tiers }, { ...minute, code: 'other', tiers })).toMatch(/no more/);
    const falling = { ...tiers, bands: [...bands, { up_to: '5', price: '1' }] };
    expect(faultOf({ ...minute, tiers: falling })).toMatch(/ends above/);
  });
});
