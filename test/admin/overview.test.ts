import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, order } from '../support/purchases.ts';
import { paidPurchase } from '../support/reversals.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

/** The words of a page's tables, a row a line. */
const rowsOf = (html: string): string[] =>
  [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );

test('the overview sums what was paid, given back and lost, by day and currency', async () => {
  const ada = await program.signUp();
  const first = await paidPurchase(program, ada);
  await first.refund('re', 10_00, 'succeeded');
  const second = await paidPurchase(program, ada);
  await second.dispute('charge.dispute.created', 'needs_response');
  const third = await paidPurchase(program, ada);
  await third.dispute('charge.dispute.created', 'needs_response');
  await third.dispute('charge.dispute.closed', 'lost');
  const unpaid = await order(program, ada);
  await control(program, `/sessions/${unpaid.session_id}/expire`, {});
  const support = await staffBrowser(program, 'support');
  const { text } = await support.get('/admin/overview').expect(200);
  expect(rowsOf(text)).toContain('USD 3 $135.00 -$10.00 -$45.00 $80.00 –');
  expect(text).toMatch(/Revenue: \$80\.00/);
  expect(rowsOf(text)).toContainEqual(expect.stringMatching(/^[\d-]+ 1 1 \(100 %\)/));
  const past = await support.get('/admin/overview?range=last-month').expect(200);
  expect(past.text).toContain('Nothing was paid in these days');
});

test('days that cannot be are refused with a sentence at their field', async () => {
  const support = await staffBrowser(program, 'support');
  const asked = '/admin/overview?from=2026-11-20&to=2026-11-01';
  const { text } = await support.get(asked).expect(422);
  expect(text).toContain('Give a day that is not before the first one.');
  expect(text).not.toContain('Revenue');
});

test('the administration begins with the overview', async () => {
  const support = await staffBrowser(program, 'support');
  const { headers } = await support.get('/admin').expect(303);
  expect(headers['location']).toBe('/admin/overview');
});
