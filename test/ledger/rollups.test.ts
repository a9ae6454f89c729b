import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Window, windowOf } from '../../src/core/periods.ts';
import { spentSince } from '../../src/ledger/account-statements.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import { LAST_SEQ, totalsBetween, usageIn } from '../../src/ledger/totals.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import {
  BEGINNING,
  MINUTE,
  type Step,
  entriesOf,
  naiveTotals,
  naiveUsage,
  spentOf,
  step,
  sumOf,
  walletWith,
} from '../support/rollup-model.ts';
import type { TestWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => verifyAndDrop(database));

/** The windows of a period in a zone that begin within some days. */
function windowsOf(period: 'hour' | 'day', zone: string, days: bigint): Window[] {
  const windows: Window[] = [];
  for (let at = BEGINNING - 3n * 1_440n * MINUTE; at < BEGINNING + days * 1_440n * MINUTE;) {
    const window = windowOf(period, zone, at);
    windows.push(window);
    at = window.ends_at ?? LAST_SEQ;
  }
  return windows;
}

const staff = () => database.connections.staff;
const ledgerJobs = () => database.connections.ledgerJobs;
const rolledUp = (wallet: TestWallet) =>
  database.query('select * from entry_rollups where wallet_id = $1 order by 3, 4, 5, 6', [
    wallet.id,
  ]);

const steps = fc.array(step, { minLength: 3, maxLength: 40 });
const parts = fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 4 });

test('whatever is rolled up, totals and what was spent are those of the entries', async () => {
  await fc.assert(
    fc.asyncProperty(steps, parts, parts, async (taken, upTo, from) => {
      const wallet = await walletWith(database, taken);
      const entries = await entriesOf(database, wallet);
      const last = entries.length;
      for (const part of [0, ...upTo]) {
        const upto_seq = BigInt(Math.floor((last * part) / 100));
        await rollUpTo(ledgerJobs(), [{ wallet_id: wallet.id, upto_seq }]);
        for (const [index, start] of from.entries()) {
          const above = Math.floor((last * start) / 100);
          const upto = Math.max(above, last - (from[index + 1] ?? 0));
          expect(await totalsBetween(staff(), wallet.id, BigInt(above), BigInt(upto))).toEqual(
            naiveTotals(entries.slice(above, upto)),
          );
          const since = entries[above]?.at ?? BEGINNING;
          const spent = sumOf(
            entries.filter(({ at }) => at >= since - (since % 1_000n)),
            spentOf,
          );
          const moment = new Date(Number(since / 1_000n));
          expect(await spentSince(staff(), wallet.id, moment)).toBe(spent);
        }
      }
      expect(await verifyLedger(staff(), [wallet.id])).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe'])(
  'hours and days in %s are sums of them, late entries where they belong',
  async (zone) => {
    const days = [...windowsOf('day', zone, 12n)];
    await fc.assert(
      fc.asyncProperty(steps, parts, async (taken, upTo) => {
        const wallet = await walletWith(database, taken);
        const entries = await entriesOf(database, wallet);
        const hours = windowsOf('hour', zone, 3n);
        for (const part of [0, ...upTo]) {
          const upto_seq = BigInt(Math.floor((entries.length * part) / 100));
          await rollUpTo(ledgerJobs(), [{ wallet_id: wallet.id, upto_seq }]);
          for (const windows of [days, hours]) {
            const usage = await usageIn(staff(), wallet.id, windows);
            expect(usage).toEqual(naiveUsage(entries, windows));
          }
        }
      }),
      { numRuns: 6 },
    );
  },
);

test('days of 23 and of 25 hours are whole, and follow each other', () => {
  const lengths = (zone: string) =>
    windowsOf('day', zone, 12n).map((one) => ((one.ends_at ?? 0n) - one.starts_at) / MINUTE);
  expect(lengths('Europe/Berlin')).toContain(23n * 60n);
  expect(lengths('Australia/Lord_Howe')).toContain(24n * 60n + 30n);
  for (const zone of ['Asia/Kathmandu', 'Australia/Lord_Howe']) {
    for (const { starts_at } of windowsOf('hour', zone, 12n)) {
      expect(starts_at % (15n * MINUTE)).toBe(0n);
    }
  }
});

test('a second time changes nothing, and two at once are as one', async () => {
  const many: Step[] = Array.from({ length: 30 }, (_, index) => {
    return { wait: 7, kind: 'debit', units: 1, ago: index % 3 === 0 ? 60 : null };
  });
  const wallets = await Promise.all([many, many, many].map((taken) => walletWith(database, taken)));
  const targets = wallets.map(({ id }) => ({ wallet_id: id, upto_seq: 31n }));
  const halves = targets.map((one) => ({ ...one, upto_seq: 14n }));
  const asked = [targets, halves, targets.toReversed(), halves, targets];
  await Promise.all(asked.map((some) => rollUpTo(ledgerJobs(), some)));
  const first = await Promise.all(wallets.map(rolledUp));
  await rollUpTo(ledgerJobs(), targets);
  await rollUpTo(ledgerJobs(), halves);
  expect(await Promise.all(wallets.map(rolledUp))).toEqual(first);
  for (const wallet of wallets) {
    expect((await rolledUp(wallet)).length).toBeGreaterThan(10);
    expect(await totalsBetween(staff(), wallet.id, 0n, LAST_SEQ)).toEqual(
      naiveTotals(await entriesOf(database, wallet)),
    );
  }
});

test('while others write and roll up, totals are of all entries that are there, each once', async () => {
  const ledger = createLedger(database.connections.ledger);
  const wallet = await walletWith(database, []);
  let writers = 4;
  const writing = Array.from({ length: writers }, async () => {
    for (let count = 0; count < 25; count++) await ledger.execute(wallet.debit(1n));
    writers -= 1;
  });
  const lastSeq = async () => {
    const [row] = await database.query<{ last_seq: string }>(
      'select last_seq from wallets where id = $1',
      [wallet.id],
    );
    return BigInt(row?.last_seq ?? 0);
  };
  const rollingUp = [0, 1].map(async () => {
    while (writers > 0) {
      await rollUpTo(ledgerJobs(), [{ wallet_id: wallet.id, upto_seq: await lastSeq() }]);
    }
  });
  while (writers > 0) {
    const last = await lastSeq();
    const totals = await totalsBetween(staff(), wallet.id, 0n, last);
    expect(totals.reduce((sum, { entries }) => sum + entries, 0n)).toBe(last);
  }
  await Promise.all([...writing, ...rollingUp]);
  const all = await totalsBetween(staff(), wallet.id, 0n, LAST_SEQ);
  expect(all).toEqual(naiveTotals(await entriesOf(database, wallet)));
  expect(all).toMatchObject([{ kind: 'debit', entries: 100n }, { kind: 'grant' }]);
});

test('more than one transaction should do is done by several', async () => {
  const wallet = await walletWith(
    database,
    Array.from({ length: 20 }, () => ({ wait: 4, kind: 'debit', units: 1, ago: null })),
  );
  const target = { wallet_id: wallet.id, upto_seq: 21n };
  await rollUpTo(ledgerJobs(), [target], 4n);
  const piecemeal = await rolledUp(wallet);
  await database.query('delete from entry_rollups where wallet_id = $1', [wallet.id]);
  await database.query('delete from rollup_progress where wallet_id = $1', [wallet.id]);
  await rollUpTo(ledgerJobs(), [target]);
  expect(await rolledUp(wallet)).toEqual(piecemeal);
});
