import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spentSince, statementOf, totalsOf } from '../../src/ledger/account-statements.ts';
import { entryPage } from '../../src/ledger/entries.ts';
import { within } from '../../src/ledger/ledger.ts';
import { balanceAt, balancesAt } from '../../src/ledger/past-balances.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { lotsAt } from '../../src/ledger/past-lots.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { foldUntil, readBooks } from '../support/past-model.ts';
import { BEGINNING, SECOND, inTime, scenarioWith, step } from '../support/scenarios.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => verifyAndDrop(database));

/** Long enough for every lot and hold to run out. */
const QUIET = 60n * SECOND;

/** Where a moment is asked for: on a second, just before it, or between two. */
const moment = fc
  .tuple(fc.integer({ min: -5, max: 300 }), fc.constantFrom(0n, -1n, SECOND / 2n))
  .map(([seconds, more]) => BEGINNING + BigInt(seconds) * SECOND + more);

const staff = () => database.connections.staff;

test('a balance in the past is the fold of the entries until then, with each expiry at its moment', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 30 }),
      fc.array(moment, { minLength: 10, maxLength: 40 }),
      async (steps, moments) => {
        const scenario = await scenarioWith(database, steps);
        const { wallet } = scenario;
        const books = await readBooks(database, wallet);
        const deadlines = inTime(scenario, books.entries);
        const balances = await balancesAt(staff(), wallet.id, moments);
        for (const [index, at] of moments.entries()) {
          const { available_micro, held_micro, debt_micro } = foldUntil(books, deadlines, at);
          expect(balances[index]).toMatchObject({ available_micro, held_micro, debt_micro });
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('the lots of a balance in the past come to it, counted on from the first entry or back from the last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 30 }),
      fc.array(moment, { minLength: 5, maxLength: 20 }),
      async (steps, moments) => {
        const { wallet } = await scenarioWith(database, steps);
        for (const at of moments) {
          const balance = await balanceAt(staff(), wallet.id, at);
          if (balance === undefined) throw new Error('there is no balance');
          const lots = (await lotsAt(staff(), wallet.id, at, balance)) ?? [];
          const left = lots.reduce((sum, lot) => sum + lot.left_micro, 0n);
          const told = balance.available_micro + balance.held_micro;
          // A hold that has lapsed is told of by its lot as held until its entry is written.
          expect(left >= told && (left === told || balance.unwritten_micro > 0n)).toBe(true);
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('a balance in the past stays as it was when more is written, late expiries too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 16 }),
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 5, maxLength: 20 }),
      async (before, after, parts) => {
        const scenario = await scenarioWith(database, before);
        const span = scenario.now + QUIET - BEGINNING;
        const moments = parts.map((part) => BEGINNING + (span * BigInt(part)) / 1_000n);
        const first = await balancesAt(staff(), scenario.wallet.id, moments);
        scenario.now += QUIET;
        await scenario.run(after);
        const again = await balancesAt(staff(), scenario.wallet.id, moments);
        expect(again).toEqual(first);
      },
    ),
    { numRuns: 25 },
  );
});

test('statements one after the other: each closes as the next opens, and each adds up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 30 }),
      fc.uniqueArray(moment, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, moments, limit) => {
        const { wallet } = await scenarioWith(database, steps);
        const { entries } = await readBooks(database, wallet);
        const bounds = moments.sort((one, other) => (one < other ? -1 : 1));
        let closed: unknown;
        for (const [index, to] of bounds.slice(1).entries()) {
          const from = bounds[index] ?? to;
          const statement = await statementOf(staff(), wallet.id, { from, to });
          if (statement === undefined) throw new Error('there is no such wallet');
          const { opening, closing, carried_micro } = statement;
          if (closed !== undefined) expect(opening).toEqual(closed);
          closed = closing;
          const listed = await allPages(wallet, { above: opening.seq, upto: closing.seq }, limit);
          const own = entries.filter(({ at }) => at >= from && at < to);
          expect(listed.map(({ seq }) => seq)).toEqual(own.map(({ seq }) => seq).reverse());
          const changed = listed.reduce((sum, { change_micro }) => sum + change_micro, 0n);
          const end = opening.balance_micro + changed + carried_micro;
          expect(end).toBe(closing.balance_micro);
          const totals = await totalsOf(staff(), statement);
          expect(totals.reduce((sum, total) => sum + total.change_micro, 0n)).toBe(changed);
          expect(totals.reduce((sum, total) => sum + total.entries, 0n)).toBe(
            BigInt(listed.length),
          );
        }
      },
    ),
    { numRuns: 25 },
  );
});

async function allPages(
  wallet: TestWallet,
  bounds: { above?: bigint; upto?: bigint },
  limit: number,
) {
  const listed: Awaited<ReturnType<typeof entryPage>>['entries'] = [];
  let before: bigint | undefined;
  for (;;) {
    const page = await entryPage(staff(), wallet.id, { ...bounds, before, limit });
    listed.push(...page.entries);
    before = page.entries.at(-1)?.seq;
    if (!page.has_older) return listed;
  }
}

test('a hold that lapses before its lot expires came back in between, though both were written later', async () => {
  const wallet = await newWallet(database);
  const at = (seconds: bigint) => BEGINNING + seconds * SECOND;
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], async (wallets) => {
      await wallets.run(wallet.grant(10n, { expires_at: at(20n) }), at(0n));
      await wallets.run(wallet.hold(4n, { ttl_seconds: 9 }), at(1n));
      await wallets.run({ kind: 'expire', wallet_id: wallet.id }, at(30n));
    }),
  );
  const moments = [at(9n), at(10n), at(20n) - 1n, at(20n), at(30n)];
  const balances = await balancesAt(staff(), wallet.id, moments);
  expect(balances.map((one) => [one.available_micro / CREDIT, one.held_micro / CREDIT])).toEqual([
    [6n, 4n],
    [10n, 0n],
    [10n, 0n],
    [0n, 0n],
    [0n, 0n],
  ]);
  const first = await statementOf(staff(), wallet.id, { from: at(0n), to: at(20n) });
  const second = await statementOf(staff(), wallet.id, { from: at(20n), to: at(40n) });
  expect(first).toMatchObject({ carried_micro: 0n, closing: { seq: 2n } });
  expect(second?.opening.balance_micro).toBe(10n * CREDIT);
});

test('before the first entry a wallet is empty, and one that is not there has no past', async () => {
  const wallet = await newWallet(database);
  const nothing = { seq: 0n, available_micro: 0n, held_micro: 0n, debt_micro: 0n };
  expect(await balanceAt(staff(), wallet.id, BEGINNING)).toMatchObject(nothing);
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], (wallets) => wallets.run(wallet.grant(3n), BEGINNING)),
  );
  expect(await balanceAt(staff(), wallet.id, BEGINNING - 1n)).toMatchObject(nothing);
  expect(await balanceAt(staff(), wallet.id, BEGINNING)).toMatchObject({
    ...nothing,
    seq: 1n,
    available_micro: 3n * CREDIT,
  });
  expect(await balanceAt(staff(), wallet.workspace_id, BEGINNING)).toBeUndefined();
});

test('what was spent since a moment counts from that moment on, less what came back', async () => {
  const wallet = await newWallet(database);
  const at = (seconds: bigint) => BEGINNING + seconds * SECOND;
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], async (wallets) => {
      await wallets.run(wallet.grant(10n), at(0n));
      await wallets.run(wallet.debit(4n), at(1n));
      await wallets.run(wallet.debit(3n), at(2n));
      await wallets.run(wallet.refund(2n, CREDIT), at(3n));
    }),
  );
  const since = (seconds: bigint) =>
    spentSince(staff(), wallet.id, new Date(Number(at(seconds) / 1_000n)));
  expect(await Promise.all([0n, 1n, 2n, 3n, 4n].map(since))).toEqual(
    [6n, 6n, 2n, -1n, 0n].map((credits) => credits * CREDIT),
  );
});
