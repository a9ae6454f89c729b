import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command } from '../../src/core/commands.ts';
import { creditFlowsOf } from '../../src/core/credit-flows.ts';
import { keepBooks } from '../../src/ledger/bookkeeping.ts';
import {
  activeWallets,
  creditsMoved,
  deferredOf,
  earnedByPeriod,
  earnedIn,
} from '../../src/ledger/earned.ts';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { type TestDatabase, tamperWith, testDatabase, verifyAndDrop } from '../support/database.ts';
import type { NaivePolicies } from '../support/naive/wallet.ts';
import { type NaiveBooks, bookNaively, flowsNaively } from '../support/naive-books.ts';
import { tries } from '../support/properties.ts';
import { type Step, aStep, commandOf, somePolicies } from '../support/random-commands.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const ZONE = 'Asia/Kolkata';
const ALL_DAYS = { from: '2000-01-01', to: '2199-12-31' };
const HOUR = 3_600_000_000n;
/** Days at whose ends a clock in Kolkata and one in UTC do not agree. */
const BEGINNING = BigInt(Date.parse('2026-03-01T00:00:00Z')) * 1_000n;
const COSTS = [0n, 1n, 7n, 100n, 9_999n] as const;
const CURRENCIES = ['EUR', 'USD', 'JPY'] as const;

interface Sold {
  step: Step;
  /** In place of the step's own: more is sold and taken back than in other histories. */
  kind: 'grant' | 'clawback' | 'reinstatement' | undefined;
  wallet: number;
  hours: bigint;
  cost: (typeof COSTS)[number];
  currency: (typeof CURRENCIES)[number];
}

const aSale: fc.Arbitrary<Sold> = fc.record({
  step: aStep({
    lasts_micros: fc.constantFrom(5n * HOUR, 40n * HOUR, 300n * HOUR),
    ttl_seconds: fc.constantFrom(1, 30),
  }),
  kind: fc.constantFrom('grant', 'clawback', 'reinstatement', ...Array<undefined>(4)),
  wallet: fc.nat({ max: 2 }),
  hours: fc.bigInt({ min: 1n, max: 9n }),
  cost: fc.constantFrom(...COSTS),
  currency: fc.constantFrom(...CURRENCIES),
});

async function walletWith(policies: NaivePolicies): Promise<TestWallet> {
  const wallet = await newWallet(database);
  await database.query(
    `update wallets set overdraft_limit = $2, refund_to_expired_lot = $3, grace_seconds = 90000,
       capture_above_hold = $4, reversal = $5 where id = $1`,
    [
      wallet.id,
      policies.overdraft_limit,
      policies.refund_to_expired_lot,
      policies.capture_above_hold,
      policies.reversal,
    ],
  );
  return wallet;
}

interface History {
  wallet: TestWallet;
  lots: number;
  holds: string[];
  charges: bigint[];
  clawbacks: bigint[];
}

/** Lots cost something, and what is taken back is of a lot that there is. */
function inTheseHistories(
  command: Command,
  { cost, currency, lots }: { cost: bigint; currency: string; lots: number },
): Command {
  switch (command.kind) {
    case 'grant':
      return cost === 0n ? command : { ...command, cost_minor: cost, currency };
    case 'clawback':
      return { ...command, lot: 1 + (command.lot % Math.max(lots, 1)) };
    default:
      return command;
  }
}

/** Carries out what is drawn, hours apart, each lot at a cost. */
async function carryOut(histories: readonly History[], sales: readonly Sold[]): Promise<void> {
  let at = BEGINNING;
  for (const [index, { step: drawn, kind, wallet, hours, cost, currency }] of sales.entries()) {
    at += hours * HOUR;
    const step = { ...drawn, kind: kind ?? drawn.kind };
    const history = histories[wallet];
    if (history === undefined) continue;
    const named = { ...history, included: 0n };
    const asked = commandOf(step, history.wallet.id, `step ${index}`, at, named);
    const command = inTheseHistories(asked, { cost, currency, lots: history.lots });
    const done = await ledger.execute(command, at);
    if (done.outcome === 'refused') continue;
    if (command.kind === 'grant') history.lots += 1;
    if (command.kind === 'hold') history.holds.push(command.hold_id);
    if (command.kind === 'clawback') history.clawbacks.push(done.seq);
    if (command.kind === 'debit' || command.kind === 'capture') history.charges.push(done.seq);
  }
}

/** Sends a third of what is left from each wallet to the next one. */
async function sendAround(wallets: readonly TestWallet[]): Promise<void> {
  for (const [index, from] of wallets.entries()) {
    const to = wallets[(index + 1) % wallets.length] ?? from;
    const [row] = await database.query<{ available: string }>(
      'select available from wallets where id = $1',
      [from.id],
    );
    const amount_micro = BigInt(row?.available ?? 0) / 3n;
    if (amount_micro > 0n) await ledger.execute(from.transfer(to, 0n, { amount_micro }));
  }
}

/** As if it had been recorded long enough ago to be booked. */
async function letTimePass(): Promise<void> {
  await tamperWith(
    database,
    `update entries set recorded_at = least(recorded_at, now() - interval '10 minutes');
     update bookkeeping set done_until = done_until - interval '1 hour'`,
  );
}

const keep = (zone = ZONE): Promise<void> => keepBooks(database.connections.ledgerJobs, zone);

async function booked(): Promise<NaiveBooks> {
  const books: NaiveBooks = new Map();
  for await (const rows of earnedByPeriod(database.connections.staff, ALL_DAYS, 'day')) {
    for (const row of rows) {
      const money = {
        ...{ sold: row.sold_minor, used: row.used_minor, expired: row.expired_minor },
        ...{ returned: row.returned_minor, corrected: row.corrected_minor },
        transferred: row.transferred_minor,
      };
      if (Object.values(money).some((amount) => amount !== 0n)) {
        books.set(`${row.period} ${row.currency}`, money);
      }
    }
  }
  return books;
}

/** What is owed for what is left of the lots, straight from their rows. */
async function owedByLots(): Promise<Map<string, bigint>> {
  const rows = await database.query<{ currency: string; owed: string }>(
    `select currency, sum(ceil(cost_minor::numeric * (available + held) / granted)) as owed
     from lots where cost_minor > 0 group by currency`,
  );
  return new Map(rows.map(({ currency, owed }) => [currency, BigInt(owed)]));
}

async function clear(): Promise<void> {
  const tables = await database.query<{ table_name: string }>(
    `select table_name from information_schema.columns
     where table_schema = 'public' and column_name = 'wallet_id'`,
  );
  const emptied = tables.map(({ table_name }) => `delete from ${table_name}`).join(';');
  await tamperWith(database, `${emptied}; update bookkeeping set time_zone = null`);
  await tamperWith(database, 'delete from wallets');
}

test('the books are the fold of all entries, by day, currency and what became of the credits', async () => {
  const { staff } = database.connections;
  const policies = fc.tuple(somePolicies, somePolicies, somePolicies);
  const sales = fc.array(aSale, { minLength: 40, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(policies, sales, fc.nat({ max: 40 }), async (drawn, steps, cut) => {
      await clear();
      const wallets = await Promise.all(drawn.map(walletWith));
      const histories = wallets.map((wallet): History => {
        return { wallet, lots: 0, holds: [], charges: [], clawbacks: [] };
      });
      await carryOut(histories, steps.slice(0, cut));
      await keep();
      await carryOut(histories, steps.slice(cut));
      await letTimePass();
      await keep();
      await sendAround(wallets);
      await letTimePass();
      await keep();
      await letTimePass();
      await keep();

      const naive: NaiveBooks = new Map();
      for (const { id } of wallets) await bookNaively(naive, database, id, ZONE);
      expect(await booked()).toEqual(naive);

      const earned = await earnedIn(staff, ALL_DAYS);
      const owed = await owedByLots();
      for (const { currency, during } of earned) {
        expect(deferredOf(during), currency).toBe(owed.get(currency) ?? 0n);
        expect(during.transferred_minor, currency).toBe(0n);
      }

      const ids = wallets.map(({ id }) => id);
      const flows = creditFlowsOf((await creditsMoved(staff, ALL_DAYS)).during);
      expect(flows).toEqual(await flowsNaively(database, ids));
      expect(flows.sold + flows.free + flows.written_off + flows.debt).toBe(
        flows.outstanding + flows.consumed + flows.expired + flows.clawed_back + flows.taken_away,
      );
    }),
    tries(6),
  );
});

test('a lot of a live wallet earns its whole cost in its life, in the days of the zone that is kept', async () => {
  await clear();
  const [live, tried] = [await newWallet(database), await newWallet(database)];
  await database.query('update wallets set livemode = false where id = $1', [tried.id]);
  const cost = { cost_minor: 100n, currency: 'EUR' };
  for (const wallet of [live, tried]) {
    await ledger.execute(wallet.grant(3n, cost), BEGINNING);
    await ledger.execute(wallet.debit(1n), BEGINNING + HOUR);
    await ledger.execute(wallet.debit(1n), BEGINNING + 19n * HOUR);
    await ledger.execute(wallet.debit(1n), BEGINNING + 48n * HOUR);
  }
  await keep('UTC');
  expect([...(await booked())].map(([day, { used }]) => [day, used])).toEqual([
    ['2026-03-01 EUR', 66n],
    ['2026-03-03 EUR', 34n],
  ]);
  await keep();
  expect([...(await booked())].map(([day, { used }]) => [day, used])).toEqual([
    ['2026-03-01 EUR', 33n],
    ['2026-03-02 EUR', 33n],
    ['2026-03-03 EUR', 34n],
  ]);
  expect(await activeWallets(database.connections.staff, ALL_DAYS)).toBe(1n);
});
