import { afterAll, beforeAll, expect, test } from 'vitest';
import { ONE_UNIT } from '../../src/core/price-rules.ts';
import { keepBooks } from '../../src/ledger/bookkeeping.ts';
import { proveAndKeep, proveChanged } from '../../src/ledger/proof.ts';
import { tamperWith } from '../support/database.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, order } from '../support/purchases.ts';
import { paidPurchase } from '../support/reversals.ts';
import { command } from '../program/commands.ts';
import { staffBrowser } from '../support/staff.ts';
import { aRule } from '../support/wallet-states.ts';

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
  expect(rowsOf(text)).toContain('USD 3 $135.00 −$10.00 −$45.00 $80.00 –');
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

test('what was paid for credits is owed until they are used, and the accountant has it as a file', async () => {
  const books = await testProgram({ settings: { SELLER_TIME_ZONE: 'Europe/Berlin' } });
  const ada = await books.signUp();
  await paidPurchase(books, ada);
  const wallet = { wallet_id: ada.wallet_id, asked: { actor_kind: 'job' } } as const;
  await books.ledger.execute({
    ...{ ...wallet, kind: 'grant', source: 'purchase', amount_micro: 3_000_000n },
    ...{ expires_at: null, cost_minor: 1_000n, currency: 'JPY', priority: 1 },
    key: { namespace: 'test', key: 'yen' },
  });
  await books.ledger.execute({
    ...{ ...wallet, kind: 'debit', operation: 'work', quantity: ONE_UNIT, rule: aRule() },
    key: { namespace: 'test', key: 'spent' },
  });
  await keepBooks(books.database.connections.ledgerJobs, 'Europe/Berlin');
  const finance = await staffBrowser(books, 'finance');
  const { text } = await finance.get('/admin/overview').expect(200);
  expect(rowsOf(text)).toContainEqual(expect.stringMatching(/^Sold .* \+503\.00 \+503\.00$/));
  expect(rowsOf(text)).toContainEqual(expect.stringMatching(/^Outstanding \+\S+ 602\.00$/));
  const short = /aria-label="In short">(.*?)<\/section>/s.exec(text)?.[1] ?? '';
  expect([...short.matchAll(/class="fig big">([^<]*)/g)].map(([, figure]) => figure)).toEqual(
    // Revenue, earned and owed of the currency of the chart, and credits.
    ['$45.00', '$0.00', '$45.00', '602.00'],
  );
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(new Date());
  const file = await finance.get('/admin/revenue-by-day.csv').expect(200);
  expect(file.text.split('\r\n').slice(1)).toEqual([
    `${today},JPY,1000,0,333,0,0,0,667`,
    `${today},USD,45.00,0.00,0.00,0.00,0.00,0.00,45.00`,
    '',
  ]);
  const month = await finance.get('/admin/revenue-by-month.csv').expect(200);
  expect(month.text).toContain(`${today.slice(0, 7)},JPY,1000,`);
  const lots = await finance.get('/admin/liability.csv').expect(200);
  expect(lots.text).toMatch(/500,500,USD,45\.00,45\.00/);
  expect(lots.text).toMatch(/3,2,JPY,1000,667/);
  // The command line writes the same, and as lines of JSON.
  const cli = (of: string, ...words: string[]) =>
    command(['export', '--of', of, ...words], { DATABASE_URL: books.database.url });
  const csv = ['--format', 'csv'];
  expect((await cli('revenue-by-day', ...csv)).out).toBe(file.text);
  expect((await cli('liability', ...csv)).out).toBe(lots.text);
  const [yen = ''] = (await cli('revenue-by-month')).out.split('\n');
  expect(JSON.parse(yen)).toMatchObject({ currency: 'JPY', sold: '1000', deferred_at_end: '667' });
  expect((await cli('revenue-by-day', '--until', today)).out).toBe('');
  expect((await cli('liability', '--workspace', ada.slug)).err).toContain('This is of all');
  await finance.get('/admin/revenue-by-day.csv?from=2026-11-20&to=2026-11-01').expect(422);
  await books.stop();
});

test('what a proof of the ledger finds stands in the overview until one finds it gone', async () => {
  const { connections } = program.database;
  const ada = await program.signUp('Ada Byron');
  const tamper = (change: string) =>
    tamperWith(
      program.database,
      `update wallets set available = available ${change}
      where id = '${ada.wallet_id}'`,
    );
  const support = await staffBrowser(program, 'support');
  await proveAndKeep(connections, []);
  const before = await support.get('/admin/overview').expect(200);
  expect(before.text).not.toContain('does not add up');
  await tamper('+ 1');
  await proveChanged(connections);
  await proveAndKeep(connections, []);
  const found = await support.get('/admin/overview').expect(200);
  expect(found.text).toContain('The ledger does not add up: 2');
  expect(rowsOf(found.text)).toContainEqual(
    expect.stringMatching(/^a wallet equals the sum of its lots Ada Byron/),
  );
  await tamper('- 1');
  await proveAndKeep(connections, []);
  const after = await support.get('/admin/overview').expect(200);
  expect(after.text).not.toContain('does not add up');
});
