import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { windowsBetween } from '../../src/core/periods.ts';
import { type DailyUse, dailyUseOf } from '../../src/ledger/daily-use.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import {
  BEGINNING,
  MINUTE,
  continueWith,
  entriesOf,
  naiveUsage,
  step,
  walletWith,
} from '../support/rollup-model.ts';
import { SECOND } from '../support/scenarios.ts';
import type { TestWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => verifyAndDrop(database));

const DAY = 1_440n * MINUTE;
const dateOf = (at: bigint): Date => new Date(Number(at / 1_000n));

/** What `dailyUseOf` is to say, from the entries as they are. */
async function expected(wallet: TestWallet, zone: string, now: bigint): Promise<DailyUse> {
  const all = windowsBetween('day', zone, { from: now - 58n * DAY, to: now + 1n }, 60) ?? [];
  const days = all.slice(-57);
  const rows = naiveUsage(await entriesOf(database, wallet), days);
  const by_operation: DailyUse['by_operation'] = new Map(
    naiveUsage(await entriesOf(database, wallet), [
      { starts_at: days[29]?.starts_at ?? 0n, ends_at: days[56]?.ends_at ?? null },
    ]).map(({ operation, spent_micro, quantity, charges }) => {
      return [operation, { spent_micro, quantity, charges }];
    }),
  );
  const spent_micro = days.map(({ starts_at }) =>
    rows
      .filter(({ window }) => window.starts_at === starts_at)
      .reduce((sum, row) => sum + row.spent_micro, 0n),
  );
  return { days, spent_micro, by_operation };
}

test('what was used a day is that of the entries, whatever is remembered and rolled up', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 2, maxLength: 4 }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe'),
      async (parts, zone) => {
        const wallet = await walletWith(database, []);
        for (const taken of parts) {
          await continueWith(database, wallet, taken);
          const entries = await entriesOf(database, wallet);
          const last = entries.at(-1);
          if (last === undefined) throw new Error('there are no entries');
          const now = last.at + SECOND;
          const known = { wallet_id: wallet.id, last_seq: last.seq };
          const use = await dailyUseOf(database.connections.staff, known, zone, dateOf(now));
          const { days, spent_micro, by_operation } = use;
          const model = await expected(wallet, zone, now);
          expect({ days, spent_micro }).toEqual({
            days: model.days,
            spent_micro: model.spent_micro,
          });
          for (const [operation, own] of model.by_operation) {
            expect(by_operation.get(operation)).toEqual(own);
          }
          const upto_seq = (last.seq * 2n) / 3n;
          await rollUpTo(database.connections.ledgerJobs, [{ wallet_id: wallet.id, upto_seq }]);
        }
      },
    ),
    { numRuns: 8 },
  );
});

test('nothing is read again when nothing came since', async () => {
  const wallet = await walletWith(database, [{ wait: 1, kind: 'debit', units: 3, ago: null }]);
  const { staff } = database.connections;
  const known = { wallet_id: wallet.id, last_seq: 2n };
  const now = dateOf(BEGINNING + DAY);
  const use = await dailyUseOf(staff, known, 'UTC', now);
  expect(await dailyUseOf(staff, known, 'UTC', now)).toBe(use);
  expect(use.spent_micro.at(-2)).toBe(3_000_000n);
});
