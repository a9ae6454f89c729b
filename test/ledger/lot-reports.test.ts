import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instantOf } from '../../src/core/instant.ts';
import { balanceOf } from '../../src/ledger/balances.ts';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import {
  type LotCursor,
  type LotReport,
  availableForOperation,
  lotPage,
  lotReport,
  lotStory,
} from '../../src/ledger/lot-reports.ts';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { SECOND, scenarioWith, step } from '../support/scenarios.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => database.drop());

const staff = () => database.connections.staff;
const secondsAgo = (seconds: bigint) => instantOf(new Date()) - seconds * SECOND;

async function allLots(
  wallet: TestWallet,
  { limit, ...only }: Partial<LotCursor> & { limit: number },
): Promise<LotReport[]> {
  const listed: LotReport[] = [];
  for (;;) {
    const before = listed.at(-1)?.number;
    const page = await lotPage(staff(), wallet.id, { ...only, before, limit });
    listed.push(...page.lots);
    if (!page.has_older) return listed;
  }
}

const sumOf = (lots: readonly LotReport[], amount: 'available_micro' | 'held_micro') =>
  lots.reduce((sum, lot) => sum + lot[amount], 0n);

test('lots say what became of them before the job has run and the same after it, and add up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 25 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, limit) => {
        const { wallet } = await scenarioWith(database, steps);
        const before = await allLots(wallet, { limit });
        const balance = await balanceOf(staff(), wallet.workspace_id);
        expect(sumOf(before, 'available_micro')).toBe(balance?.available_micro);
        expect(sumOf(before, 'held_micro')).toBe(balance?.held_micro);
        const anything = await availableForOperation(staff(), wallet.id, 'anything');
        expect(anything).toBe(balance?.available_micro);
        for (const lot of before) {
          const { available_micro, held_micro, consumed_micro, expired_micro } = lot;
          const sum = available_micro + held_micro + consumed_micro + expired_micro;
          expect(sum + lot.removed_micro).toBe(lot.granted_micro);
        }
        await ledger.execute({ kind: 'expire', wallet_id: wallet.id });
        expect(await allLots(wallet, { limit: 100 })).toEqual(before);
      },
    ),
    { numRuns: 25 },
  );
});

test('what a hold pins of a lot that is due stays held, and of a hold that lapsed comes back', async () => {
  const wallet = await newWallet(database);
  await ledger.execute(wallet.grant(10n, { expires_at: secondsAgo(10n) }), secondsAgo(100n));
  await ledger.execute(wallet.hold(4n, { ttl_seconds: 3600 }), secondsAgo(50n));
  await ledger.execute(wallet.grant(20n), secondsAgo(8n));
  await ledger.execute(wallet.hold(5n, { ttl_seconds: 2 }), secondsAgo(6n));
  const [newer, older] = await allLots(wallet, { limit: 10 });
  expect(older).toMatchObject({
    number: 1,
    available_micro: 0n,
    held_micro: 4n * CREDIT,
    expired_micro: 6n * CREDIT,
  });
  expect(newer).toMatchObject({ number: 2, available_micro: 20n * CREDIT, held_micro: 0n });
  expect(await availableForOperation(staff(), wallet.id, 'work')).toBe(20n * CREDIT);
});

test('pages of lots are all lots once each, also of one source or one payment', async () => {
  const wallet = await newWallet(database);
  const payment_id = newId();
  for (let count = 0; count < 9; count++) {
    await ledger.execute(
      wallet.grant(
        1n,
        count % 3 === 0 ? { source: 'purchase', payment_id } : { source: 'welcome' },
      ),
    );
  }
  const numbers = async (only: Omit<LotCursor, 'limit'>) =>
    (await allLots(wallet, { ...only, limit: 2 })).map((lot) => lot.number);
  expect(await numbers({})).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await numbers({ source: 'purchase' })).toEqual([7, 4, 1]);
  expect(await numbers({ payment_id })).toEqual([7, 4, 1]);
  expect(await numbers({ payment_id, source: 'welcome' })).toEqual([]);
  expect(await lotReport(staff(), wallet.id, 10)).toBeUndefined();
});

test('what is available for an operation is what a debit of it can take', async () => {
  const wallet = await newWallet(database);
  await ledger.execute(wallet.grant(5n));
  await ledger.execute(wallet.grant(3n, { operations: ['work'] }));
  await ledger.execute(wallet.grant(4n, { operations: ['other'] }));
  const available = (operation: string) => availableForOperation(staff(), wallet.id, operation);
  expect(await available('work')).toBe(8n * CREDIT);
  expect(await available('other')).toBe(9n * CREDIT);
  expect(await available('third')).toBe(5n * CREDIT);
  expect(await ledger.execute(wallet.debit(9n))).toMatchObject({ outcome: 'refused' });
  expect(await ledger.execute(wallet.debit(8n))).toMatchObject({ outcome: 'done' });
  expect(await available('work')).toBe(0n);
  expect(await available('other')).toBe(4n * CREDIT);
});

test("a lot's story has all its entries in order, and comes to what became of it", async () => {
  const wallet = await newWallet(database);
  await ledger.execute(wallet.grant(10n, { source: 'welcome' }));
  await ledger.execute(wallet.grant(10n, { source: 'purchase' }));
  const hold = wallet.hold(4n);
  await ledger.execute(hold);
  const debit = await ledger.execute(wallet.debit(8n));
  await ledger.execute(wallet.capture(hold.hold_id, 1n));
  await ledger.execute(wallet.refund(debit.outcome === 'done' ? debit.seq : 0n, CREDIT));
  await ledger.execute(wallet.adjustment(-1n));
  for (const number of [1, 2]) {
    const lot = await lotReport(staff(), wallet.id, number);
    if (lot === undefined) throw new Error(`there is no lot ${number}`);
    const kinds: string[] = [];
    const buckets = { available: 0n, held: 0n, consumed: 0n, expired: 0n, removed: 0n };
    let after: bigint | undefined;
    do {
      const page = await lotStory(staff(), wallet.id, lot, { after, limit: 2 });
      for (const { entry, legs } of page.events) {
        kinds.push(entry.kind);
        for (const { from, to, amount } of legs) {
          if (from !== 'outside' && from !== 'debt') buckets[from] -= amount;
          if (to !== 'outside' && to !== 'debt') buckets[to] += amount;
        }
      }
      after = page.next;
    } while (after !== undefined);
    expect(kinds).toEqual(
      number === 1
        ? ['grant', 'hold', 'debit', 'capture', 'release', 'adjustment']
        : ['grant', 'debit', 'refund'],
    );
    expect(buckets).toEqual({
      available: lot.available_micro,
      held: lot.held_micro,
      consumed: lot.consumed_micro,
      expired: lot.expired_micro,
      removed: lot.removed_micro,
    });
  }
});
