import type { CompiledQuery, KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { windowOf } from '../../src/core/periods.ts';
import { spentSince, statementOf, totalsOf } from '../../src/ledger/account-statements.ts';
import { balanceOf, openLotsOf } from '../../src/ledger/balances.ts';
import { entryByKey, entryPage } from '../../src/ledger/entries.ts';
import { familyOf, openHoldOf } from '../../src/ledger/entry-families.ts';
import { entryExplained } from '../../src/ledger/entry-explained.ts';
import { holdReport, openHolds } from '../../src/ledger/holds.ts';
import { hoursOfUse } from '../../src/ledger/hours-of-use.ts';
import { createLedger, within } from '../../src/ledger/ledger.ts';
import {
  availableForOperation,
  lotPage,
  lotReport,
  lotStory,
} from '../../src/ledger/lot-reports.ts';
import { readSentBefore } from '../../src/ledger/read-state.ts';
import { statementsOfTransaction } from '../../src/ledger/statements.ts';
import { balanceAt } from '../../src/ledger/past-balances.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import { usageIn } from '../../src/ledger/totals.ts';
import { type Db, type Trx, inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { addManyDebits, addManyWallets } from '../support/many-entries.ts';
import { foldUntil, readBooks } from '../support/past-model.ts';
import { costOfPlans } from '../support/plans.ts';
import { BEGINNING, SECOND } from '../support/scenarios.ts';
import { CREDIT, aLot, aWallet } from '../support/wallet-states.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let wallet: TestWallet;
const HALF = 15_000;
/** The last quarter hour is open: some of its entries are not rolled up. */
const ROLLED_UP = 30_000n;
const LAST = BEGINNING + BigInt(2 * HALF + 200) * SECOND;
/** 16 steps halve 30,000 entries; each looks at a row of the search and one of the table. */
const ROWS_MAX = 120;

beforeAll(async () => {
  database = await testDatabase();
  wallet = await newWallet(database);
  await runAt(0n, (at) => [
    wallet.grant(1_000n),
    wallet.grant(5n, { expires_at: at + 40n * SECOND, source: 'welcome' }),
    wallet.hold(2n, { ttl_seconds: 30 }),
    wallet.debit(1n),
  ]);
  await runAt(60n, () => [{ kind: 'expire', wallet_id: wallet.id }]);
  await addManyDebits(database, wallet.id, HALF);
  await runAt(BigInt(HALF) + 100n, (at) => [
    wallet.grant(5n, { expires_at: at + 40n * SECOND, source: 'welcome' }),
    wallet.hold(2n, { ttl_seconds: 30 }),
  ]);
  await runAt(BigInt(HALF) + 160n, () => [{ kind: 'expire', wallet_id: wallet.id }]);
  await addManyDebits(database, wallet.id, HALF);
  // These are due, and nothing was written since.
  await runAt(BigInt(2 * HALF) + 161n, (at) => [
    wallet.grant(5n, { expires_at: at + 20n * SECOND, source: 'welcome' }),
    wallet.hold(2n, { ttl_seconds: 10 }),
  ]);
  await addManyWallets(database, 2_000);
  const rolled_up = { wallet_id: wallet.id, upto_seq: ROLLED_UP };
  await rollUpTo(database.connections.ledgerJobs, [rolled_up]);
});
afterAll(() => database.drop());

const asWorkspace = <Result>(work: (trx: Trx) => Promise<Result>): Promise<Result> =>
  inWorkspace(database.connections.app, wallet.workspace_id, work);

type Commands = Parameters<Parameters<Parameters<typeof within>[2]>[0]['run']>[0][];

async function runAt(seconds: bigint, commandsAt: (at: bigint) => Commands): Promise<void> {
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], async (wallets) => {
      const at = BEGINNING + seconds * SECOND;
      for (const [index, command] of commandsAt(at).entries()) {
        const outcome = await wallets.run(command, at + BigInt(index) * SECOND);
        expect(outcome).toMatchObject({ outcome: 'done' });
      }
    }),
  );
}

/** The statements that a read asks, as they reach the database. */
async function statementsOf(trx: Trx, read: (db: Db) => Promise<unknown>) {
  const asked: CompiledQuery[] = [];
  const listen: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      asked.push(trx.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  await read(trx.withPlugin(listen));
  return asked;
}

function costOf(read: (db: Db) => Promise<unknown>): Promise<{ scanned: string[]; rows: number }> {
  return asWorkspace(async (trx) => {
    const explained: unknown[] = [];
    for (const query of await statementsOf(trx, read)) {
      const explain = { ...query, sql: `explain (analyze, format json) ${query.sql}` };
      explained.push(...(await trx.executeQuery(explain)).rows);
    }
    return costOfPlans(explained);
  });
}

const reads: Record<string, (db: Db) => Promise<unknown>> = {
  'the balance': (db) => balanceOf(db, wallet.workspace_id),
  'what an operation can spend': (db) => availableForOperation(db, wallet.id, 'work'),
  'the open lots': (db) => openLotsOf(db, wallet.id),
  'a balance early on': (db) => balanceAt(db, wallet.id, BEGINNING + 35n * SECOND),
  'a balance in the middle': (db) => {
    return balanceAt(db, wallet.id, BEGINNING + BigInt(HALF + 145) * SECOND);
  },
  'a balance at the end': (db) => balanceAt(db, wallet.id, LAST),
  'what was spent of late': (db) => {
    return spentSince(db, wallet.id, new Date(Number(LAST / 1_000n) - 55_000));
  },
  'what was spent in all': (db) => spentSince(db, wallet.id, new Date(0)),
  'an hour of use beside the weeks before': async (db) => {
    const until = new Date(Math.ceil(Number(LAST / 900_000_000n)) * 900_000);
    expect(await hoursOfUse(db, [wallet.id], until)).toHaveLength(1);
  },
  'usage by the hour': async (db) => {
    const windows = Array.from({ length: 9 }, (_, hour) => {
      return windowOf('hour', 'Asia/Kolkata', BEGINNING + BigInt(hour) * 3_600n * SECOND);
    });
    expect((await usageIn(db, wallet.id, windows)).length).toBe(9);
  },
  'a page of entries': (db) => entryPage(db, wallet.id, { before: 20_000n, limit: 10 }),
  'the entry of a key': (db) => entryByKey(db, wallet.id, { namespace: 'test', key: '20000' }),
  'an entry explained': (db) => entryExplained(db, wallet.id, 8n),
  'the entries that belong with one': async (db) => {
    expect((await familyOf(db, wallet.id, 3n)).members.length).toBe(2);
    await openHoldOf(db, wallet.id, 3n);
  },
  'a statement of a minute, with its totals and a page': async (db) => {
    const from = BEGINNING + 9_000n * SECOND;
    const statement = await statementOf(db, wallet.id, { from, to: from + 20n * SECOND });
    if (statement === undefined) throw new Error('there is no statement');
    const { opening, closing } = statement;
    expect(closing.seq - opening.seq).toBe(20n);
    await totalsOf(db, statement);
    await entryPage(db, wallet.id, { above: opening.seq, upto: closing.seq, limit: 10 });
  },
  'a page of lots': (db) => lotPage(db, wallet.id, { limit: 10 }),
  'the lots of a source': (db) => lotPage(db, wallet.id, { limit: 10, source: 'welcome' }),
  'one lot': (db) => lotReport(db, wallet.id, 2),
  'a hold': (db) => holdReport(db, wallet.id, newId()),
  'a page of open holds': (db) => {
    return openHolds(db, wallet.id, { after: { expires_at: LAST, id: newId() }, limit: 10 });
  },
  'the beginning of a lot': (db) =>
    lotStory(db, wallet.id, { number: 1, entry_seq: 1n }, { limit: 20 }),
};

async function expectCheap(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { scanned, rows } = await costOf(reads[name] ?? (() => Promise.reject(new Error(name))));
    const few = rows <= ROWS_MAX || rows;
    expect({ name, scanned, few }).toEqual({ name, scanned: [], few: true });
  }
}

test('no read scans a table, and each looks at a few rows of 30,000', async () => {
  await database.query('analyze');
  await expectCheap(Object.keys(reads));
});

test('without statistics too, balances in the past are found by halving', async () => {
  await forgetStatistics();
  await expectCheap(Object.keys(reads).filter((name) => name.startsWith('a balance')));
});

/** As after a restore or a bulk load, before anybody has looked at the tables. */
async function forgetStatistics(): Promise<void> {
  await database.query(`delete from pg_statistic where starelid in (
    select oid from pg_class where relnamespace = 'public'::regnamespace)`);
}

test("a page of a lot's story looks through no more than two thousand entries", async () => {
  const lot = { number: 2, entry_seq: 2n };
  const { rows } = await costOf((db) => lotStory(db, wallet.id, lot, { limit: 20 }));
  expect(rows).toBeLessThanOrEqual(2_000 + ROWS_MAX);
  const kinds: string[] = [];
  let [after, pages]: [bigint | undefined, number] = [undefined, 0];
  do {
    const page = await lotStory(database.connections.staff, wallet.id, lot, { after, limit: 20 });
    kinds.push(...page.events.map(({ entry }) => entry.kind));
    [after, pages] = [page.next, pages + 1];
  } while (after !== undefined);
  expect(kinds).toEqual(['grant', 'hold', 'debit', 'release', 'expiry']);
  expect(pages).toBeGreaterThan(10);
});

test('halving finds the entry among many, wherever the moment lies', async () => {
  const books = await readBooks(database, wallet);
  const times = books.entries.map(({ at }) => at);
  for (let part = 0n; part <= 40n; part++) {
    const at = BEGINNING - SECOND + ((LAST - BEGINNING) * part) / 40n;
    const last = times.findLastIndex((time) => time <= at);
    expect(await balanceAt(database.connections.staff, wallet.id, at)).toMatchObject({
      seq: BigInt(last + 1),
    });
  }
  const deadlines = new Map([[3n, [{ said_at: 0n, deadline: BEGINNING + 32n * SECOND }]]]);
  for (const seconds of [31n, 32n, 39n, 40n, 59n, 60n, 61n]) {
    const at = BEGINNING + seconds * SECOND;
    expect(await balanceAt(database.connections.staff, wallet.id, at)).toMatchObject(
      foldUntil(books, deadlines, at),
    );
  }
});

test('what was sent before is found among transfers, however much was spent since', async () => {
  const ledger = createLedger(database.connections.ledger);
  const [from, to] = [await newWallet(database), await newWallet(database)];
  await ledger.execute(from.grant(9n, { source: 'purchase', cost_minor: 100n, currency: 'USD' }));
  for (const credits of [1n, 2n]) await ledger.execute(from.transfer(to, credits));
  await addManyDebits(database, from.id, 5_000);
  const state = aWallet([aLot(1, 9n, { cost_minor: 100n, removed: 3n })], { id: from.id });
  const explained: unknown[] = [];
  const sent = await inWorkspace(database.connections.app, from.workspace_id, (trx) => {
    const statements = statementsOfTransaction(trx);
    return readSentBefore(
      {
        query: async (text, values) => {
          explained.push(
            ...(await statements.query(`explain (analyze, format json) ${text}`, values)),
          );
          return statements.query(text, values);
        },
      },
      state,
    );
  });
  expect([...sent]).toEqual([[1, 3n * CREDIT]]);
  expect(costOfPlans(explained)).toEqual({ scanned: [], rows: 2 });
});

test('while others write, pages of entries are all entries, none twice and none skipped', async () => {
  const ledger = createLedger(database.connections.ledger);
  const busy = await newWallet(database);
  await ledger.execute(busy.grant(1_000n));
  for (let count = 0; count < 30; count++) await ledger.execute(busy.debit(1n));
  const left = { writers: 4 };
  const writers = Array.from({ length: 4 }, async () => {
    for (let count = 0; count < 60; count++) await ledger.execute(busy.debit(1n));
    left.writers -= 1;
  });
  const downwards = async (): Promise<bigint[]> => {
    const seqs: bigint[] = [];
    for (;;) {
      const before = seqs.at(-1);
      const page = await entryPage(database.connections.staff, busy.id, { before, limit: 7 });
      seqs.push(...page.entries.map(({ seq }) => seq));
      if (!page.has_older) return seqs;
    }
  };
  const numbersTo = (last: bigint) => Array.from({ length: Number(last) }, (_, i) => BigInt(i + 1));
  const upwards: bigint[] = [];
  let ended = false;
  while (!ended) {
    ended = left.writers === 0;
    const seqs = await downwards();
    expect(seqs.reverse()).toEqual(numbersTo(seqs.at(-1) ?? 0n));
    for (;;) {
      const after = upwards.at(-1) ?? 0n;
      const page = await entryPage(database.connections.staff, busy.id, { after, limit: 7 });
      upwards.push(...page.entries.map(({ seq }) => seq).reverse());
      if (!page.has_newer) break;
    }
  }
  await Promise.all(writers);
  expect(upwards).toEqual(numbersTo(271n));
});
