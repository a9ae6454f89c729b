import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/lib/csv.ts';
import { tries } from '../support/properties.ts';

const cellsOf = (text: string) => readCsv(text).rows?.map(({ cells }) => cells);

describe('separated values', () => {
  test('are read back as they were written, whatever stands in them', () => {
    const signs = fc.constantFrom('a', 'é', '"', ',', ';', '\t', '\n', '\r', ' ', '€', "'", '=');
    const cell = fc.string({ unit: signs, maxLength: 6 }).map((text) => text.trim());
    const row = fc.tuple(cell, cell, cell).filter((cells) => cells.some(Boolean));
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const separator = fc.constantFrom(',', ';', '\t');
    fc.assert(
      fc.property(fc.array(row), separator, ends, fc.boolean(), (rows, delimiter, end, bom) => {
        const all = [['one', 'two', 'three'], ...rows];
        const record_delimiter = end;
        const text = stringify(all, { delimiter, record_delimiter, quoted: true, bom });
        expect(cellsOf(text)).toEqual(all);
      }),
      tries(200),
    );
  });

  test('are rows by the line at which they end, without those that say nothing', () => {
    const text = 'a,b\r\n\r\n"two\nlines",1\r\n , \r\nlast,2';
    expect(readCsv(text).rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 4, cells: ['two\nlines', '1'] },
      { line: 6, cells: ['last', '2'] },
    ]);
  });

  test('with a quote that is not right are no table, and what is wrong is said', () => {
    const never = { rows: undefined, fault: 'A quote is never closed.' };
    expect(readCsv('a,b\n"open,1\nx,2')).toEqual(never);
    const place = { rows: undefined, fault: 'Line 2 has a quote out of place.' };
    expect(readCsv('a,b\nx,"1"2')).toEqual(place);
    expect(readCsv('a,b\n5" pipe,1')).toEqual(place);
  });

  test('of nothing are no rows', () => {
    expect(cellsOf('')).toEqual([]);
    expect(cellsOf('\uFEFF\n\n')).toEqual([]);
  });
});
