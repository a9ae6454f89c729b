import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryBySeq, entryPage } from '../../src/ledger/entries.ts';
import { entryExplained } from '../../src/ledger/entry-explained.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { lotStory } from '../../src/ledger/lot-reports.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { CREDIT, aRule } from '../support/wallet-states.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let wallet: TestWallet;
beforeAll(async () => {
  database = await testDatabase();
  wallet = await newWallet(database);
  const ledger = createLedger(database.connections.ledger);
  await ledger.execute(wallet.grant(100n, { operations: ['work', 'a "b", {c}\\'] }));
  for (let spent = 0; spent < 24; spent++) await ledger.execute(wallet.debit(1n));
});
afterAll(() => database.drop());

test('pages from the newest to the oldest are all entries, once each, with the balance running', async () => {
  const seqs: bigint[] = [];
  let before: bigint | undefined;
  for (;;) {
    const page = await entryPage(database.connections.staff, wallet.id, { before, limit: 7 });
    for (const entry of page.entries) {
      expect(entry.balance_after_micro).toBe((101n - entry.seq) * CREDIT);
      seqs.push(entry.seq);
    }
    before = page.entries.at(-1)?.seq;
    if (!page.has_older) break;
  }
  expect(seqs).toEqual(Array.from({ length: 25 }, (_, index) => BigInt(25 - index)));
});

test('the page after an entry is the one that came before it in reading', async () => {
  const { staff } = database.connections;
  const page = await entryPage(staff, wallet.id, { after: 18n, limit: 7 });
  expect(page.entries.map((entry) => entry.seq)).toEqual([25n, 24n, 23n, 22n, 21n, 20n, 19n]);
  expect(page).toMatchObject({ has_newer: false, has_older: true });
  const middle = await entryPage(staff, wallet.id, { after: 4n, limit: 7 });
  expect(middle.entries.map((entry) => entry.seq)).toEqual([11n, 10n, 9n, 8n, 7n, 6n, 5n]);
  expect(middle).toMatchObject({ has_newer: true, has_older: true });
});

test('Promise 6: an entry says its lots, rule version, quantity, price and who asked', async () => {
  const entry = await entryBySeq(database.connections.staff, wallet.id, 2n);
  expect(entry).toMatchObject({
    kind: 'debit',
    change_micro: -CREDIT,
    legs: [{ lot: 1, from: 'available', to: 'consumed', amount: CREDIT }],
    operation: 'work',
    quantity: 1_000_000n,
    lines: [{ rule: aRule().id, version: 1, price_pico: 10n ** 12n, amount_micro: CREDIT }],
    actor_kind: 'job',
  });
});

test('the operations of a lot are kept as they were given', async () => {
  const [lot] = await database.query<{ operations: string[] }>(
    'select operations from lots where wallet_id = $1',
    [wallet.id],
  );
  expect(lot?.operations).toEqual(['work', 'a "b", {c}\\']);
});

test('Promise 6: an entry is explained with what it is about, what followed and what came back', async () => {
  const ledger = createLedger(database.connections.ledger);
  const owing = await newWallet(database);
  await database.query('update wallets set overdraft_limit = $2 where id = $1', [
    owing.id,
    10n * CREDIT,
  ]);
  await ledger.execute(owing.grant(5n, { details: { description: 'Starter' } }));
  const hold = owing.hold(2n);
  await ledger.execute(hold);
  await ledger.execute(owing.debit(4n));
  await ledger.execute(owing.capture(hold.hold_id, 1n));
  await ledger.execute(owing.refund(3n, 2n * CREDIT));
  await ledger.execute(owing.grant(1n));
  const explained = (seq: bigint) => entryExplained(database.connections.staff, owing.id, seq);
  expect(await explained(3n)).toMatchObject({
    moves: [
      { lot: { number: 1, description: 'Starter' }, from: 'available', to: 'consumed' },
      { lot: undefined, from: 'debt', to: 'consumed', amount_micro: CREDIT },
    ],
    entry: { kind: 'debit', available_after_micro: 0n, held_after_micro: 2n * CREDIT },
    parent: undefined,
    followers: [],
    refunded_micro: 2n * CREDIT,
  });
  expect(await explained(4n)).toMatchObject({
    entry: { kind: 'capture', parent_seq: 2n },
    parent: { seq: 2n, kind: 'hold', amount_micro: 2n * CREDIT },
    followers: [{ seq: 5n, kind: 'release', amount_micro: CREDIT }],
  });
  expect(await explained(6n)).toMatchObject({
    entry: { kind: 'refund', debt_after_micro: 0n },
    parent: { seq: 3n, kind: 'debit' },
  });
  expect(await explained(99n)).toBeUndefined();
});

test('Promise 6: a clawback, its reinstatement and a repayment are explained by lot', async () => {
  const ledger = createLedger(database.connections.ledger);
  const reversed = await newWallet(database);
  await ledger.execute(reversed.grant(10n, { details: { description: 'Starter' } }));
  await ledger.execute(reversed.debit(7n));
  await ledger.execute(reversed.clawback(1, 10n));
  await ledger.execute(reversed.grant(5n));
  await ledger.execute(reversed.reinstatement(3n));
  const explained = (seq: bigint) => entryExplained(database.connections.staff, reversed.id, seq);
  expect(await explained(3n)).toMatchObject({
    entry: { kind: 'clawback', change_micro: -10n * CREDIT },
    moves: [
      { lot: { number: 1, description: 'Starter' }, from: 'available', to: 'removed' },
      { lot: undefined, from: 'debt', to: 'removed', amount_micro: 7n * CREDIT },
    ],
    parent: { seq: 1n, kind: 'grant' },
  });
  expect(await explained(4n)).toMatchObject({
    moves: [{ lot: { number: 2 }, from: 'outside', to: 'available' }],
    followers: [{ seq: 5n, kind: 'repayment', amount_micro: 5n * CREDIT }],
  });
  expect(await explained(5n)).toMatchObject({
    moves: [{ lot: { number: 2 } }, { lot: undefined, from: 'consumed', to: 'debt' }],
    parent: { seq: 4n, kind: 'grant' },
  });
  expect(await explained(6n)).toMatchObject({
    entry: { kind: 'reinstatement', change_micro: 10n * CREDIT },
    parent: { seq: 3n, kind: 'clawback' },
  });
  const lot = { number: 1, entry_seq: 1n };
  const story = await lotStory(database.connections.staff, reversed.id, lot, { limit: 20 });
  const kinds = story.events.map(({ entry }) => entry.kind);
  expect(kinds).toEqual(['grant', 'debit', 'clawback', 'reinstatement']);
});
