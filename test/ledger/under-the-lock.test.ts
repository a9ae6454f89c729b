import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Ledger, type LockedWallets, createLedger, within } from '../../src/ledger/ledger.ts';
import { openWallet } from '../../src/ledger/wallets.ts';
import { connect, inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, fundedWallet, newWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

/** A transaction of business code that keeps wallets locked until it is told to commit. */
function transactionOn(
  { workspace_id }: TestWallet,
  walletIds: readonly string[],
  work: (wallets: LockedWallets) => Promise<unknown> = () => Promise.resolve(),
): { worked: Promise<unknown>; commit: () => Promise<unknown> } {
  const [worked, told] = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
  const ended = inWorkspace(database.connections.app, workspace_id, (trx) =>
    within(trx, walletIds, async (wallets) => {
      await work(wallets);
      worked.resolve(null);
      await told.promise;
    }),
  );
  ended.catch((error: unknown) => worked.reject(error));
  worked.promise.catch(() => undefined);
  return {
    worked: worked.promise,
    commit: () => {
      told.resolve(null);
      return ended;
    },
  };
}

/** Until so many transactions wait for a lock, each for so long already. */
async function untilWaiting(count: number, milliseconds = 0): Promise<void> {
  for (;;) {
    const found = await database.query(
      `select from pg_stat_activity where datname = current_database()
         and wait_event_type = 'Lock'
         and clock_timestamp() - xact_start > $1 * interval '1 millisecond'`,
      [milliseconds],
    );
    if (found.length === count) return;
    await wait(5);
  }
}

/** The live and the test wallet of one workspace: the first has the lesser id. */
async function twoWallets(): Promise<{ live: TestWallet; testId: string }> {
  const live = await newWallet(database);
  const { workspace_id } = live;
  const testId = await inWorkspace(database.connections.app, workspace_id, (trx) =>
    openWallet(trx, { workspace_id, livemode: false }),
  );
  expect(live.id < testId).toBe(true);
  return { live, testId };
}

describe('Promise 3: what is decided under the lock', () => {
  test('wallets asked for in opposite orders are locked in one order, so nobody waits in a ring', async () => {
    const { live, testId } = await twoWallets();
    const first = transactionOn(live, [testId]);
    await first.worked;
    const backwards = transactionOn(live, [testId, live.id]);
    await untilWaiting(1);
    const forwards = transactionOn(live, [live.id, testId]);
    await untilWaiting(2);
    await first.commit();
    await Promise.all([backwards.commit(), forwards.commit()]);
  });

  test('who waited for the lock sees the lots as the one before left them', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    const first = transactionOn(wallet, [wallet.id], (wallets) => wallets.run(wallet.debit(5n)));
    await first.worked;
    const answers: unknown[] = [];
    const second = transactionOn(wallet, [wallet.id], async (wallets) => {
      answers.push(await wallets.run(wallet.debit(1n)));
    });
    await untilWaiting(1);
    await first.commit();
    await second.commit();
    expect(answers).toMatchObject([{ refusal: { code: 'insufficient_credits', available: 0n } }]);
  });

  test('a debit that is refused takes nothing from those after it in its batch', async () => {
    const wallet = await fundedWallet(database, ledger, 11n);
    const outcomes = await Promise.all(
      // The first goes alone, and what came meanwhile together.
      [1n, 8n, 5n, 2n].map((units) => ledger.execute(wallet.debit(units))),
    );
    expect(outcomes.map((one) => one.outcome)).toEqual(['done', 'done', 'refused', 'done']);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 0n });
  });

  test('a key that is used while its second try waits for the lock is found by it', async () => {
    const wallet = await fundedWallet(database, ledger, 5n);
    const debit = wallet.debit(2n);
    const first = transactionOn(wallet, [wallet.id], (wallets) => wallets.run(debit));
    await first.worked;
    const second = ledger.execute(debit);
    // It gives up once, so as not to hold up others, and waits longer beside the lane.
    await untilWaiting(1, 200);
    await first.commit();
    expect(await second).toMatchObject({
      outcome: 'done',
      replayed: true,
      amount_micro: 2n * CREDIT,
    });
  });

  test('ledger time is the clock of the database, whatever the clock of the program says', async () => {
    const wallet = await newWallet(database);
    const clock = `select (extract(epoch from clock_timestamp()) * 1000000)::int8 as now`;
    const [before] = await database.query<{ now: string }>(clock);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const outcome = await ledger.execute(wallet.grant(1n)).finally(() => vi.useRealTimers());
    const [after] = await database.query<{ now: string }>(clock);
    const at = outcome.outcome === 'done' ? outcome.at : 0n;
    expect(BigInt(before?.now ?? 0) < at && at < BigInt(after?.now ?? 0)).toBe(true);
  });
});

describe('attack 32: credits at the microsecond of their expiry', () => {
  /** A lot that expired a minute ago, granted long before. */
  async function walletWithOldLot(): Promise<{ wallet: TestWallet; expires_at: bigint }> {
    const wallet = await newWallet(database);
    const expires_at = BigInt(Date.now() - 60_000) * 1_000n;
    await ledger.execute(wallet.grant(5n, { expires_at }), expires_at - 10_000_000n);
    return { wallet, expires_at };
  }

  test('a debit a microsecond before it takes them, and at it finds none', async () => {
    const { wallet, expires_at } = await walletWithOldLot();
    const early = await ledger.execute(wallet.debit(1n), expires_at - 1n);
    expect(early).toMatchObject({ outcome: 'done', at: expires_at - 1n });
    expect(await ledger.execute(wallet.debit(1n), expires_at)).toMatchObject({
      refusal: { code: 'insufficient_credits', available: 0n },
    });
  });

  test('lots that end at the same time of day, an hour apart when clocks go back, end an hour apart', async () => {
    const [row] = await database.query<{ name: string }>('select current_database() as name');
    await database.query(`alter database "${row?.name}" set timezone = 'Europe/Berlin'`);
    const berlin = await connect({ url: database.url, poolMax: 1, onError: () => undefined });
    const own = createLedger(berlin.ledger);
    const wallet = await newWallet(database);
    const moment = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;
    const ends = [moment('2025-10-26T00:30:00Z'), moment('2025-10-26T01:30:00Z')] as const;
    for (const [index, expires_at] of ends.entries()) {
      await own.execute(
        wallet.grant(5n, { expires_at }),
        moment('2025-10-25T12:00:00Z') + BigInt(index),
      );
    }
    const between = await own.execute(wallet.debit(1n), moment('2025-10-26T01:00:00Z'));
    expect(between).toMatchObject({ outcome: 'done', available_after: 4n * CREDIT });
    expect(await own.execute(wallet.debit(1n), ends[1])).toMatchObject({
      refusal: { code: 'insufficient_credits', available: 0n },
    });
    await berlin.close();
  });

  test('three sweepers in three transactions at once, with debits between them, expire each lot once', async () => {
    const { wallet } = await walletWithOldLot();
    const others = [1, 2].map(() => createLedger(database.connections.ledger));
    await Promise.all(
      [ledger, ...others].flatMap((one) => [
        one.execute({ kind: 'expire', wallet_id: wallet.id }),
        one.execute(wallet.debit(1n)),
        one.execute({ kind: 'expire', wallet_id: wallet.id }),
      ]),
    );
    const found = await database.query<{ kind: string; amount: string }>(
      'select kind, amount from entries where wallet_id = $1 order by seq',
      [wallet.id],
    );
    expect(found).toEqual([
      { kind: 'grant', amount: String(5n * CREDIT) },
      { kind: 'expiry', amount: String(5n * CREDIT) },
    ]);
  });
});

describe('attack 52: holds at the moment of their deadline', () => {
  test('a capture and the end of the hold at once: exactly one of them', async () => {
    const other = createLedger(database.connections.ledger);
    const ends = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const wallet = await newWallet(database);
        // They end one after the other while all this goes on.
        const made = BigInt(Date.now() + index * 3 - 59_940) * 1_000n;
        await ledger.execute(wallet.grant(10n), made - 1n);
        const hold = wallet.hold(10n);
        await ledger.execute(hold, made);
        const expire = { kind: 'expire', wallet_id: wallet.id } as const;
        const captures = [ledger, other].flatMap((one) => [
          one.execute(expire),
          one.execute(wallet.capture(hold.hold_id, 4n)),
        ]);
        const outcomes = await Promise.all(captures);
        while ((await storedCredits(database, wallet)).held > 0n) await ledger.execute(expire);
        const captured = outcomes.filter(
          (one) => one.outcome === 'done' && one.amount_micro === 4n * CREDIT,
        );
        const { available } = await storedCredits(database, wallet);
        return `${captured.length} captured, ${available} available`;
      }),
    );
    for (const end of ends) expect(end).toMatch(/^(1 captured, 6|0 captured, 10) available$/);
  });
});
