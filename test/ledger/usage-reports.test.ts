import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndingWindow } from '../../src/core/periods.ts';
import { type EntryFilter, filteredPage } from '../../src/ledger/filtered-entries.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import {
  NOBODY,
  USAGE_GROUPS,
  type UsageFilter,
  type UsageGroup,
  usageByGroup,
  usageByWindow,
} from '../../src/ledger/usage-reports.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import {
  ASKERS,
  BEGINNING,
  MINUTE,
  type Stored,
  entriesOf,
  happenedIn,
  isUsage,
  step,
  sumOf,
  spentOf,
  usageOf,
  walletWith,
} from '../support/rollup-model.ts';
import type { TestWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => verifyAndDrop(database));

const staff = () => database.connections.staff;
const steps = fc.array(step, { minLength: 5, maxLength: 40 });
const [API_KEY, PERSON] = [ASKERS[1]?.api_key_id, ASKERS[3]?.actor_id];
const filters: fc.Arbitrary<UsageFilter> = fc.record({
  operation: fc.constantFrom(undefined, undefined, 'work', 'other'),
  api_key_id: fc.constantFrom(undefined, undefined, API_KEY, NOBODY),
  person_id: fc.constantFrom(undefined, undefined, PERSON, NOBODY),
  on_behalf_of: fc.constantFrom(undefined, undefined, 'user-1', 'user-2'),
});
/** How much of a wallet is in the rollups, and how much of these was forgotten, in percent. */
const rolled = fc.constantFrom(0, 30, 70, 100);

const COLUMNS: Record<UsageGroup, 'operation' | 'api_key_id' | 'person_id' | 'on_behalf_of'> = {
  operation: 'operation',
  key: 'api_key_id',
  member: 'person_id',
  customer: 'on_behalf_of',
};

const passes = (filter: UsageFilter) => (one: Stored) =>
  (['operation', 'api_key_id', 'person_id', 'on_behalf_of'] as const).every(
    (name) => filter[name] === undefined || filter[name] === one[name],
  );

/** Windows of so many quarter hours, one after another. */
function windowsOf(lengths: readonly number[]): EndingWindow[] {
  let starts_at = BEGINNING - 300n * MINUTE;
  return lengths.map((length) => {
    const window = { starts_at, ends_at: starts_at + BigInt(length) * 15n * MINUTE };
    starts_at = window.ends_at;
    return window;
  });
}

async function rollUp(wallet: TestWallet, entries: readonly Stored[], percent: number) {
  const upto_seq = BigInt(Math.floor((entries.length * percent) / 100));
  await rollUpTo(database.connections.ledgerJobs, [{ wallet_id: wallet.id, upto_seq }]);
}

test('R5: usage by window and by each group is that of the entries, whatever is rolled up', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, rolled, filters, lengths, async (taken, percent, filter, quarters) => {
      const wallet = await walletWith(database, taken);
      const entries = await entriesOf(database, wallet);
      await rollUp(wallet, entries, percent);
      const windows = windowsOf(quarters);
      const used = entries.filter(isUsage).filter(passes(filter));
      expect(await usageByWindow(staff(), wallet.id, windows, filter)).toEqual(
        windows.map((window) => usageOf(used.filter(happenedIn(window)))),
      );
      const [before, now] = windows;
      if (before === undefined || now === undefined) throw new Error('two windows at least');
      for (const group of USAGE_GROUPS) {
        const ask = { group, filter, most: 1 };
        const { top, others } = await usageByGroup(staff(), wallet.id, { before, now }, ask);
        const column = COLUMNS[group];
        const named = used.filter((one) => group !== 'customer' || one.on_behalf_of !== '');
        const [current, earlier] = [now, before].map((window) => named.filter(happenedIn(window)));
        const values = new Set([...(current ?? []), ...(earlier ?? [])].map((one) => one[column]));
        expect(top.length + others.count).toBe(values.size);
        for (const { value, before_micro, ...own } of top) {
          const mine = (one: Stored) => one[column] === value;
          expect(own).toEqual(usageOf(current?.filter(mine) ?? []));
          expect(before_micro).toBe(sumOf(earlier?.filter(mine) ?? [], spentOf));
          expect(own.spent_micro >= others.spent_micro || others.count !== 1).toBe(true);
        }
        const all = usageOf(current ?? []);
        expect(sumOfUsed([...top, others])).toEqual(all);
      }
      expect(await verifyLedger(staff(), [wallet.id])).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

function sumOfUsed(all: readonly ReturnType<typeof usageOf>[]) {
  const sum = (of: (one: ReturnType<typeof usageOf>) => bigint) =>
    all.reduce((total, one) => total + of(one), 0n);
  return {
    charges: sum((one) => one.charges),
    spent_micro: sum((one) => one.spent_micro),
    quantity: sum((one) => one.quantity),
  };
}

const entryFilters: fc.Arbitrary<EntryFilter> = fc
  .tuple(
    filters,
    fc.constantFrom(
      undefined,
      undefined,
      ['debit', 'capture', 'refund'] as const,
      ['grant'] as const,
    ),
    fc.option(fc.tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 400 })), { nil: undefined }),
  )
  .map(([filter, kinds, span]) => {
    const from = BEGINNING - 300n * MINUTE + BigInt((span?.[0] ?? 0) * 15) * MINUTE;
    const to = from + BigInt((span?.[1] ?? 0) * 15) * MINUTE;
    return { ...filter, kinds, ...(span === undefined ? {} : { from, to }) };
  });

test('L8: filtered entries are all that the filter lets through, in pages in both directions', async () => {
  const limits = fc.integer({ min: 1, max: 7 });
  await fc.assert(
    fc.asyncProperty(steps, rolled, rolled, entryFilters, limits, async (...given) => {
      const [taken, percent, forgotten, filter, limit] = given;
      const wallet = await walletWith(database, taken);
      const entries = await entriesOf(database, wallet);
      await rollUp(wallet, entries, percent);
      await forget(wallet, forgotten);
      const wanted = entries
        .filter(passes(filter))
        .filter(({ kind }) => filter.kinds?.some((one) => one === kind) ?? true)
        .filter((one) => filter.from === undefined || one.occurred >= filter.from)
        .filter((one) => filter.to === undefined || one.occurred < filter.to)
        .map(({ seq }) => seq);
      const page = (cursor: { before?: bigint; after?: bigint }) =>
        filteredPage(staff(), wallet.id, filter, { ...cursor, limit });
      const down: bigint[] = [];
      for (let cursor = {}; ;) {
        const { entries: some, has_older } = await page(cursor);
        down.push(...some.map(({ seq }) => seq));
        if (!has_older) break;
        cursor = { before: down.at(-1) };
      }
      expect(down).toEqual(wanted.toReversed());
      const up: bigint[] = [];
      for (let after = 0n; ;) {
        const { entries: some, has_newer } = await page({ after });
        up.push(...some.map(({ seq }) => seq).reverse());
        if (!has_newer) break;
        after = up.at(-1) ?? 0n;
      }
      expect(up).toEqual(wanted);
    }),
    { numRuns: 40 },
  );
});

/** As retention does, a part of what is rolled up. */
async function forget(wallet: TestWallet, percent: number): Promise<void> {
  const rows = await database.query<{ quarter_hour: Date; last_seq: string }>(
    `select quarter_hour, max(last_seq) as last_seq from entry_rollups where wallet_id = $1
     group by 1 order by 1`,
    [wallet.id],
  );
  const last = rows[Math.floor((rows.length * percent) / 100) - 1];
  if (last === undefined) return;
  for (const table of ['entry_rollups', 'customer_rollups']) {
    await database.query(`delete from ${table} where wallet_id = $1 and quarter_hour <= $2`, [
      wallet.id,
      last.quarter_hour,
    ]);
  }
  await database.query('update rollup_progress set forgotten_seq = $2 where wallet_id = $1', [
    wallet.id,
    last.last_seq,
  ]);
}
