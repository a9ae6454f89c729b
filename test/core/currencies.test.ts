import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  currencyDecimals,
  isCurrency,
  parseMoney,
  payableStep,
  writtenDecimals,
} from '../../src/core/currencies.ts';
import { creditsFor, faultOf } from '../../src/core/free-amounts.ts';
import { currencyName, currencySign, formatMoney, writtenMoney } from '../../src/core/money.ts';
import { tries } from '../support/properties.ts';

describe('currencies as Stripe counts them', () => {
  test.each([
    ['USD', 2, 1n, '$12.34', 1234n],
    ['INR', 2, 1n, '₹12.34', 1234n],
    ['JPY', 0, 1n, '¥1,234', 1234n],
    ['KWD', 3, 10n, 'KWD 1.230', 1230n],
    ['ISK', 2, 100n, 'ISK 12', 1200n],
    ['UGX', 2, 100n, 'UGX 12', 1200n],
    // Intl would write these without decimals.
    ['HUF', 2, 1n, 'HUF 12.34', 1234n],
    ['IDR', 2, 1n, 'IDR 12.34', 1234n],
    ['TWD', 2, 1n, 'NT$12.34', 1234n],
  ])('%s: decimals, steps and how a sum is written', (code, decimals, step, text, minor) => {
    expect(currencyDecimals(code)).toBe(decimals);
    expect(payableStep(code)).toBe(step);
    expect(formatMoney(minor, code).replace(/\s/, ' ')).toBe(text);
    expect(isCurrency(code)).toBe(true);
  });

  test('what is written into a field is read as what was written out of it, in every currency', () => {
    const codes = Intl.supportedValuesOf('currency');
    fc.assert(
      fc.property(fc.constantFrom(...codes), fc.bigInt(0n, 99_999_999n), (code, amount) => {
        const minor = amount * payableStep(code);
        expect(parseMoney(writtenMoney(minor, code), code)).toBe(minor);
      }),
      tries(200),
    );
  });

  test('attack 16: an amount that is no plain decimal of its currency is none', () => {
    const nonsense = ['1e3', '-5', '+5', 'NaN', '10,00', '1,000', '0x10', '5.', '.5', '١٢', '5 0'];
    for (const text of [...nonsense, '', ' 5', '5\n', '1'.repeat(16), 'Infinity', '5.005']) {
      expect(parseMoney(text, 'USD'), text).toBeUndefined();
    }
    expect(parseMoney('0.1', 'JPY')).toBeUndefined();
    expect(parseMoney('0.1', 'ISK')).toBeUndefined();
    expect(parseMoney('5.125', 'KWD')).toBe(5125n);
    expect(parseMoney('5', 'ISK')).toBe(500n);
  });

  test('a currency has a sign and a name', () => {
    expect(currencySign('INR')).toBe('₹');
    expect(currencySign('KWD')).toBe('KWD');
    expect(currencyName('USD')).toBe('US dollars');
    expect(isCurrency('usd')).toBe(false);
    expect(isCurrency('QQQ')).toBe(false);
    expect(writtenDecimals('ISK')).toBe(0);
  });
});

describe('amounts of the buyer’s choice', () => {
  test('credits are rounded down to the micro-credit, so that none is given that was not paid', () => {
    const price = fc.bigInt(1n, 1_000_000_000n);
    const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'ISK');
    fc.assert(
      fc.property(currency, fc.bigInt(1n, 99_999_999n), price, (code, amount, perCredit) => {
        const credits = creditsFor(amount, { currency: code, price_per_credit_micro: perCredit });
        // In 10^-12 of the unit: what the credits cost, and what one micro-credit more would.
        const paid = amount * 10n ** BigInt(12 - currencyDecimals(code));
        expect(credits * perCredit).toBeLessThanOrEqual(paid);
        expect((credits + 1n) * perCredit).toBeGreaterThan(paid);
      }),
      tries(200),
    );
    const dime = { currency: 'USD', price_per_credit_micro: 100_000n };
    expect(creditsFor(2500n, dime)).toBe(250_000_000n);
    const odd = { currency: 'INR', price_per_credit_micro: 8_500_000n };
    expect(creditsFor(100_000n, odd)).toBe(117_647_058n);
  });

  test('the limits hold to the minor unit, and what Stripe cannot take is not sold', () => {
    const free = { minimum_minor: 1_000n, maximum_minor: 2_000n, price_per_credit_micro: 100_000n };
    const faults = (currency: string, ...amounts: bigint[]) =>
      amounts.map((amount) => faultOf(amount, { ...free, currency }));
    expect(faults('USD', 999n, 1_000n, 2_000n, 2_001n)).toEqual([
      'below_minimum',
      undefined,
      undefined,
      'above_maximum',
    ]);
    expect(faults('KWD', 1_005n, 1_010n)).toEqual(['not_payable', undefined]);
  });
});
