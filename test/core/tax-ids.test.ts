import { describe, expect, test } from 'vitest';
import { COUNTRIES, countryName, isCountry } from '../../src/core/countries.ts';
import { kindOfTaxId, readTaxId } from '../../src/core/tax-ids.ts';

describe('a GSTIN', () => {
  test.each(['27AAPFU0939F1ZV', '29AAGCB7383J1Z4', '24AAACC1206D1ZM'])(
    '%s passes its check digit',
    (id) => {
      expect(readTaxId('gstin', id, 'IN')).toEqual({ ok: true, tax_id: id });
    },
  );

  test('is read as people write it', () => {
    const read = readTaxId('gstin', ' 27 aapfu-0939f 1zv ', 'IN');
    expect(read).toEqual({ ok: true, tax_id: '27AAPFU0939F1ZV' });
  });

  test('with any one character changed is refused', () => {
    const good = '27AAPFU0939F1ZV';
    for (let place = 0; place < good.length; place++) {
      for (const other of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
        if (other === good[place]) continue;
        const changed = good.slice(0, place) + other + good.slice(place + 1);
        expect(readTaxId('gstin', changed, 'IN'), changed).toMatchObject({ ok: false });
      }
    }
  });

  test('belongs to India, and to a state', () => {
    expect(readTaxId('gstin', '27AAPFU0939F1ZV', 'DE')).toMatchObject({ ok: false });
    expect(readTaxId('gstin', '00AAPFU0939F1ZV', 'IN')).toMatchObject({ ok: false });
  });
});

describe('an EU VAT id', () => {
  test.each([
    ['DE', 'de 136 695 976', 'DE136695976'],
    ['AT', 'ATU13585627', 'ATU13585627'],
    ['GR', 'EL040127797', 'EL040127797'],
    ['GB', 'XI123456789', 'XI123456789'],
    ['NL', 'NL.0044.95445.B01', 'NL004495445B01'],
    ['IE', 'IE6433435F', 'IE6433435F'],
    ['ES', 'ESX1234567X', 'ESX1234567X'],
    ['SE', 'SE556012579001', 'SE556012579001'],
  ])('of %s: %s', (country, text, tax_id) => {
    expect(readTaxId('eu_vat', text, country)).toEqual({ ok: true, tax_id });
  });

  test.each([
    ['DE', 'DE12345678'],
    ['DE', 'FR40303265045'],
    ['GR', 'GR040127797'],
    ['US', 'US123456789'],
    ['AT', 'AT13585627'],
    ['DE', ''],
    ['DE', 'DE<script>1'],
  ])('is refused where it is not how %s writes them: "%s"', (country, text) => {
    expect(readTaxId('eu_vat', text, country)).toMatchObject({ ok: false });
  });
});

describe('another tax id', () => {
  test('is kept as it is written, within reason', () => {
    expect(readTaxId('other', '  12-3456789  ', 'US')).toEqual({ ok: true, tax_id: '12-3456789' });
    for (const text of ['', 'x', 'a'.repeat(41), 'a\u0000b', '<b>12</b>', '=1+1']) {
      expect(readTaxId('other', text, 'US'), text).toMatchObject({ ok: false });
    }
  });

  test('is told from the two that are known by its form', () => {
    expect(kindOfTaxId('27AAPFU0939F1ZV', 'IN')).toBe('gstin');
    expect(kindOfTaxId('DE136695976', 'DE')).toBe('eu_vat');
    expect(kindOfTaxId('DE136695976', 'US')).toBe('other');
  });
});

test('countries have a name of their own, in order, and nothing else is one', () => {
  expect(COUNTRIES).toHaveLength(249);
  expect(COUNTRIES.every(({ code, name }) => name !== code)).toBe(true);
  expect(new Set(COUNTRIES.map(({ name }) => name)).size).toBe(249);
  expect(countryName('IN')).toBe('India');
  expect(['in', 'ZZ', 'UK', '', 'IND'].filter(isCountry)).toEqual([]);
});
