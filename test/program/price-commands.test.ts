import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { findOperation } from '../../src/pricing/price-book.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { PICO, newOperation } from '../support/random-prices.ts';
import { type TestWallet, fundedWallet, newWallet } from '../support/wallets.ts';
import { command } from './commands.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'price-lab-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await verifyAndDrop(database);
});

test('node src/cli.ts price-lab says what each customer would have been charged, and all', async () => {
  const ledger = createLedger(database.connections.ledger);
  const operation = await newOperation(database);
  const wallet = await fundedWallet(database, ledger, 10n);
  const { staff } = database.connections;
  const rule = (await findOperation(staff, wallet.workspace_id, operation))?.rule;
  for (const units of [2n, 3n]) await ledger.execute(wallet.debit(units, { operation, rule }));
  const unit = { code: 'unit', label: 'Unit', unit: 'unit', charge: 'per_unit', price: '2.5' };
  const file = join(folder, 'draft.json');
  const lab = async (text: string) => {
    await writeFile(file, text);
    const words = ['price-lab', '--operation', operation, '--rule', file, '--days', '7'];
    return command(words, { DATABASE_URL: database.url });
  };
  const tried = await lab(JSON.stringify([unit]));
  expect(tried).toMatchObject({ code: 0, err: '' });
  const amounts = 'charged 5.00, by the draft 12.50 (+7.50)';
  expect(tried.out).toContain(
    `${wallet.workspace_id}: 2 uses, ${amounts}; would have run out at 2`,
  );
  expect(tried.out).toContain(`All 1 customers: ${amounts}.`);
  const wrong = await lab(JSON.stringify([{ ...unit, price: 'free' }]));
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('0.price')]);
  const broken = await lab('not JSON');
  expect([broken.code, broken.err]).toEqual([1, expect.stringContaining(file)]);
});

test('node src/cli.ts set-price puts on sale what was not, and gives one customer a price of his own', async () => {
  const wallet = await newWallet(database);
  const other = await newWallet(database);
  const file = join(folder, 'price.json');
  const set = async (price: string, ...words: string[]) => {
    const unit = { code: 'page', label: 'Page', unit: 'page', charge: 'per_unit', price };
    await writeFile(file, JSON.stringify([unit]));
    const asked = ['set-price', '--operation', 'page.scan', '--rule', file, ...words];
    return command(asked, { DATABASE_URL: database.url });
  };
  const priceFor = async ({ workspace_id }: TestWallet) => {
    const found = await findOperation(database.connections.staff, workspace_id, 'page.scan');
    return found?.rule.components.map(({ price_pico }) => price_pico / PICO);
  };
  const unknown = await set('2');
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('no such operation')]);
  expect(await set('2', '--name', 'Scan')).toMatchObject({ code: 0, err: '' });
  expect(await set('1', '--workspace', wallet.workspace_id)).toMatchObject({ code: 0, err: '' });
  expect(await set('9', '--from', '2999-01-01T00:00:00Z')).toMatchObject({ code: 0, err: '' });
  expect([await priceFor(wallet), await priceFor(other)]).toEqual([[1n], [2n]]);
  expect(await set('3', '--from', '2020-01-01T00:00:00Z')).toMatchObject({ code: 1 });
  expect(await set('3', '--from', 'tomorrow')).toMatchObject({ code: 1 });
  expect(await set('3', '--customer', 'nobody')).toMatchObject({ code: 1 });
});
