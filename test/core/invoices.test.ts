import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { creditedParts, invoiceNumber, seriesOf } from '../../src/core/invoices.ts';

const document = { kind: 'invoice', livemode: true, time_zone: 'UTC' } as const;

describe('the number of an invoice', () => {
  test('has the year in the seller’s zone, and a series for each kind', () => {
    const issued_at = new Date('2026-12-31T20:00:00Z');
    expect(seriesOf({ ...document, issued_at })).toBe('2026');
    expect(seriesOf({ ...document, issued_at, time_zone: 'Asia/Kolkata' })).toBe('2027');
    expect(seriesOf({ ...document, issued_at, kind: 'credit_note' })).toBe('CN-2026');
    expect(seriesOf({ ...document, issued_at, livemode: false })).toBe('TEST-2026');
  });

  test('has six digits, and more when it has to', () => {
    expect(invoiceNumber('2026', 123)).toBe('2026-000123');
    expect(invoiceNumber('CN-2026', 1_234_567)).toBe('CN-2026-1234567');
  });
});

describe('credit notes', () => {
  const amounts = fc
    .record({ net: fc.bigInt(1n, 10n ** 12n), percent: fc.bigInt(0n, 30n) })
    .map(({ net, percent }) => {
      const tax_minor = (net * percent) / 100n;
      return { tax_minor, total_minor: net + tax_minor };
    });

  test('in parts say together what the invoice said, whatever the parts are', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.array(fc.bigInt(1n, 10n ** 12n), { maxLength: 8 }),
        (invoice, cuts) => {
          let before = 0n;
          let tax = 0n;
          for (const cut of [...cuts, invoice.total_minor]) {
            const left = invoice.total_minor - before;
            if (left === 0n) break;
            const amount = cut < left ? cut : left;
            const parts = creditedParts(invoice, before, amount);
            expect(parts.subtotal_minor + parts.tax_minor).toBe(amount);
            expect(parts.subtotal_minor >= 0n && parts.tax_minor >= 0n).toBe(true);
            before += amount;
            tax += parts.tax_minor;
          }
          expect([before, tax]).toEqual([invoice.total_minor, invoice.tax_minor]);
        },
      ),
    );
  });

  test('never say more than the invoice', () => {
    const invoice = { total_minor: 100n, tax_minor: 10n };
    expect(() => creditedParts(invoice, 60n, 41n)).toThrow('cannot have been refunded');
    expect(() => creditedParts(invoice, 0n, 0n)).toThrow('cannot have been refunded');
  });
});
