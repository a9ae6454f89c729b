import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, fundedWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => {
  ledger = createLedger(database.connections.ledger);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
afterAll(() => verifyAndDrop(database));

/** The statements by name that `work` sends, in their order. */
async function namesOf(work: () => Promise<unknown>): Promise<unknown[]> {
  const asked = vi.spyOn(pg.Client.prototype, 'query');
  await work();
  const configs: unknown[] = asked.mock.calls.map(([config]) => config);
  asked.mockRestore();
  return configs.flatMap((config) =>
    typeof config === 'object' && config !== null && 'name' in config ? [config.name] : [],
  );
}

/** What another process does with the same wallet. */
function elsewhere(): Ledger {
  return createLedger(database.connections.ledger);
}

const LEAST = { outcome: 'refused', refusal: { code: 'insufficient_credits' } };

describe('a wallet that this process wrote a moment ago', () => {
  test('is debited in one statement, which reads nothing before', async () => {
    const wallet = await fundedWallet(database, ledger, 10n);
    const names = await namesOf(() =>
      Promise.all([ledger.execute(wallet.debit(1n)), ledger.execute(wallet.debit(2n))]),
    );
    expect(names).toEqual(['carry_on']);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 7n });
  });

  test('takes lots in their order, and the next when one is used up', async () => {
    const wallet = await fundedWallet(database, ledger, 3n);
    await ledger.execute(wallet.grant(5n, { source: 'purchase' }));
    const debits = async (): Promise<void> => {
      for (const units of [4n, 3n]) await ledger.execute(wallet.debit(units));
    };
    expect(await namesOf(debits)).toEqual(['carry_on', 'carry_on']);
    const lots = await database.query(
      'select number, available from lots where wallet_id = $1 order by number',
      [wallet.id],
    );
    expect(lots).toEqual([
      { number: 1, available: '0' },
      { number: 2, available: String(CREDIT) },
    ]);
  });

  test('is seen as another process has left it', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    await elsewhere().execute(wallet.debit(4n));
    expect(await ledger.execute(wallet.debit(2n))).toMatchObject(LEAST);
    expect(await ledger.execute(wallet.debit(1n))).toMatchObject({ seq: 3n, available_after: 0n });
  });

  test('is spent once by two processes that both know it', async () => {
    const wallet = await fundedWallet(database, ledger, 40n);
    const other = elsewhere();
    await other.execute(wallet.debit(1n));
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? ledger : other).execute(wallet.debit(1n)),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(39);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 0n });
  });

  test('is as it is set by now, also where that was no entry', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    await database.query('update wallets set frozen_at = now() where id = $1', [wallet.id]);
    expect(await ledger.execute(wallet.debit(1n))).toMatchObject({
      refusal: { code: 'wallet_frozen' },
    });
    await database.query(
      `update wallets set frozen_at = null, unlimited_until = now() + interval '1 day',
         unlimited_reason = 'plan' where id = $1`,
      [wallet.id],
    );
    expect(await ledger.execute(wallet.debit(1n))).toMatchObject({
      amount_micro: 0n,
      list_amount_micro: CREDIT,
    });
  });

  test('tells what was crossed, though that is not written with it', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    await ledger.execute(wallet.debit(5n));
    const told = await database.query(
      'select kind from ledger_outbox where wallet_id = $1 order by seq',
      [wallet.id],
    );
    expect(told).toEqual([{ kind: 'granted' }, { kind: 'exhausted' }]);
  });
});

test('a key that another process used is answered as it was there', async () => {
  const wallet = await fundedWallet(database, elsewhere(), 5n);
  const debit = wallet.debit(2n);
  await elsewhere().execute(debit);
  await ledger.execute(wallet.grant(1n));
  const others = await fundedWallet(database, ledger, 5n);
  const outcomes = await Promise.all(
    [debit, others.debit(1n)].map((command) => ledger.execute(command)),
  );
  expect(outcomes).toMatchObject([
    { replayed: true, amount_micro: 2n * CREDIT },
    { replayed: false, amount_micro: CREDIT },
  ]);
  const other = { ...debit, quantity: debit.quantity + 1n };
  expect(await ledger.execute(other)).toMatchObject({ refusal: { code: 'key_reused' } });
});

describe('the time of a debit that reads nothing', () => {
  const NOW = 'select (extract(epoch from clock_timestamp()) * 1000000)::int8 as now';
  const clock = async (): Promise<bigint> =>
    BigInt((await database.query<{ now: string }>(NOW))[0]?.now ?? 0);

  /** Debits one credit; where its time lies between those of the database before and after. */
  async function isInTime(wallet: TestWallet): Promise<boolean> {
    const before = await clock();
    const outcome = await ledger.execute(wallet.debit(1n));
    const at = outcome.outcome === 'done' ? outcome.at : 0n;
    // What was told of the clock is carried on, and took its time to come here.
    return before - 100_000n < at && at < (await clock());
  }

  test("is the database's, whatever the program's clock says", async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect(await isInTime(wallet)).toBe(true);
  });

  test('is asked for when it was not carried on as time went by', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 5_000);
    let inTime = false;
    const names = await namesOf(async () => (inTime = await isInTime(wallet)));
    expect(inTime).toBe(true);
    expect(names.slice(0, 2)).toEqual(['carry_on', 'begin']);
  });

  test('is asked for in a wallet in which a lot is about to expire', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    await ledger.execute(wallet.grant(5n, { expires_at: (await clock()) + 1_500_000n }));
    const names = await namesOf(() => ledger.execute(wallet.debit(1n)));
    expect(names).not.toContain('carry_on');
  });
});
