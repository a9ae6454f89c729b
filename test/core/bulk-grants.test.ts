import { describe, expect, test } from 'vitest';
import {
  BULK_GRANT_ROWS_MAX,
  type MeantCustomer,
  checkGrants,
  grantTotals,
  readGrants,
} from '../../src/core/bulk-grants.ts';
import { readCsv } from '../../src/lib/csv.ts';

const customer = (name: string, more: Partial<MeantCustomer> = {}): MeantCustomer => ({
  workspace_id: name,
  wallet_id: `wallet of ${name}`,
  ...{ is_deactivated: false, is_unverified: false },
  ...more,
});
const CUSTOMERS = new Map([
  ['ada', [customer('ada')]],
  ['ada@example.com', [customer('ada')]],
  ['ben', [customer('ben')]],
  ['both', [customer('ada'), customer('ben')]],
  ['gone', [customer('gone', { is_deactivated: true })]],
  ['anybody@example.com', [customer('anybody', { is_unverified: true })]],
]);
const CHECKS = {
  customers: CUSTOMERS,
  limit_micro: 1_000_000_000n,
  now: new Date('2026-11-22T12:00:00Z'),
};

const rowsOf = (text: string) => readCsv(text).rows ?? [];

function checked(text: string) {
  const read = readGrants(rowsOf(text));
  if (read.outcome === 'refused') throw new Error(read.sentence);
  return checkGrants(read.grants, CHECKS);
}

describe('a file of grants', () => {
  test.each([
    ['', 'There is nothing in it.'],
    ['customer\tcredits\n', 'There are no rows below the first line.'],
    ['customer,email,credits\na,b,1', 'Two columns are “customer”. Leave one of them out.'],
    ['customer,note\nada,x', 'The first line names no column “credits”.'],
    ['ada,5\nben,6', '“ada” is none of'],
    ['customer,credits,expiry\nada,5,', '“expiry” is none of'],
    [`customer,credits${'\nada,1'.repeat(BULK_GRANT_ROWS_MAX + 1)}`, 'more than 10,000 rows'],
  ])('is refused as a whole: %#', (text, sentence) => {
    expect(readGrants(rowsOf(text))).toEqual({
      outcome: 'refused',
      sentence: expect.stringContaining(sentence) as string,
    });
  });

  test('names its columns in any order and by their other names', () => {
    const [row] = checked('Amount;Last day;E-mail;Reason\n2.5;2026-11-22;ada@example.com;Thanks');
    expect(row).toMatchObject({
      ...{ line: 2, wallet_id: 'wallet of ada', amount_micro: 2_500_000n, note: 'Thanks' },
      ...{ expires_at: new Date('2026-11-23T00:00:00Z'), fault: null },
    });
  });

  test.each([
    ['nobody,5,', 'No customer has this id or address.'],
    [',5,', 'It names no customer.'],
    ['both,5,', 'Several customers have it.'],
    ['gone,5,', 'This customer is deactivated.'],
    ['anybody@example.com,5,', 'Nobody has verified this address.'],
    ['ada,,', 'It says no credits.'],
    ['ada,-5,', 'Its credits are not above 0.'],
    ['ada,0,', 'Its credits are not above 0.'],
    ['ada,five,', 'Its credits are no number'],
    ['ada,1e3,', 'Its credits are no number'],
    ['ada,"1,000",', 'Its credits are no number'],
    ['ada,1.0000001,', 'Credits have six decimals at most.'],
    ['ada,9999999999999,', 'No wallet holds more than'],
    ['ada,1000.000001,', 'It is more than the 1,000.00 credits that you may give alone.'],
    ['ada,5,2026-11-21', 'Its last day is no day from today on'],
    ['ada,5,2026-02-30', 'Its last day is no day from today on'],
    ['ada,5,tomorrow', 'Its last day is no day from today on'],
    ['ada,5', 'It has another number of cells than the first line.'],
  ])('says what is wrong with the row %s', (row, fault) => {
    const [found] = checked(`customer,credits,last_day\n${row}`);
    expect(found?.fault).toContain(fault);
  });

  test('gives nobody something twice, by whatever name: the later line says so', () => {
    const rows = checked('customer,credits\nada,5\nben,1\n\nada@example.com,7');
    expect(rows.map(({ line, fault }) => [line, fault])).toEqual([
      [2, null],
      [3, null],
      [5, 'Line 2 is for the same customer.'],
    ]);
    expect(grantTotals(rows)).toEqual({ rows: 2, faults: 1, total_micro: 6_000_000n });
  });
});
