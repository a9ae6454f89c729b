import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Refusal } from '../../src/core/commands.ts';
import { AMOUNT_MICRO_MAX } from '../../src/core/credits.ts';
import { type NewBudget, raiseBudget, removeBudget, setBudget } from '../../src/ledger/budgets.ts';
import { type Ledger, type Outcome, createLedger } from '../../src/ledger/ledger.ts';
import { type Trx, connect, inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT, aRule } from '../support/wallet-states.ts';
import { type TestWallet, fundedWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const HOUR = 3_600_000_000n;
const of = (wallet: TestWallet, work: (trx: Trx) => Promise<unknown>) =>
  inWorkspace(database.connections.app, wallet.workspace_id, work);

/** Sets a budget of so many credits: hard and for all time unless it is told otherwise. */
async function limit(
  wallet: TestWallet,
  credits: bigint,
  more: Partial<NewBudget> = {},
): Promise<string> {
  const budget = {
    of: {},
    period: 'all',
    hard: true,
    limit_amount: credits * CREDIT,
    ...more,
  } as const;
  return inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    setBudget(trx, wallet.id, budget),
  );
}

async function refusalOf(command: Command, at?: bigint): Promise<Refusal> {
  const outcome: Outcome = await ledger.execute(command, at);
  if (outcome.outcome === 'done') throw new Error('it was not refused');
  return outcome.refusal;
}

/** What is counted of each subject and period, in credits. */
async function counted(wallet: TestWallet): Promise<Record<string, string>> {
  const rows = await database.query<{ name: string; amount: string }>(
    `select subject || ' ' || period as name, (amount / 1000000)::text as amount from counters
     where wallet_id = $1 order by starts_at`,
    [wallet.id],
  );
  return Object.fromEntries(rows.map(({ name, amount }) => [name, amount]));
}

const byMember = (id: string) => ({ asked: { actor_kind: 'person', actor_id: id } }) as const;

describe('Promise 9: a hard budget', () => {
  test('is exact, however many processes spend at once', async () => {
    const wallet = await fundedWallet(database, ledger, 100n);
    await limit(wallet, 10n, { period: 'month' });
    const processes = await Promise.all(
      [1, 2].map(() => connect({ url: database.url, poolMax: 4, onError: () => undefined })),
    );
    const ledgers = [ledger, ...processes.map((one) => createLedger(one.ledger))];
    const outcomes = await Promise.all(
      Array.from({ length: 45 }, (_, index) =>
        (ledgers[index % 3] ?? ledger).execute(wallet.debit(1n)),
      ),
    );
    await Promise.all(processes.map((one) => one.close()));
    expect(outcomes.filter((one) => one.outcome === 'done')).toHaveLength(10);
    const refused = outcomes.flatMap((one) => (one.outcome === 'refused' ? [one.refusal] : []));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['budget_reached']));
    expect(await counted(wallet)).toEqual({ 'wallet month': '10' });
  });

  test('names itself, what is used of it, and when it resets by the clock of its owner', async () => {
    const wallet = await fundedWallet(database, ledger, 100n);
    await database.query(`update wallets set time_zone = 'Asia/Kolkata' where id = $1`, [
      wallet.id,
    ]);
    const id = await limit(wallet, 5n, { period: 'day' });
    await ledger.execute(wallet.debit(4n));
    const [midnight] = await database.query<{ at: string }>(
      `select (extract(epoch from ((now() at time zone 'Asia/Kolkata')::date + 1)::timestamp
         at time zone 'Asia/Kolkata') * 1000000)::int8 as at`,
    );
    expect(await refusalOf(wallet.debit(2n))).toEqual({
      code: 'budget_reached',
      blocked_by: { id, subject: 'wallet', period: 'day' },
      limit: 5n * CREDIT,
      used: 4n * CREDIT,
      required: 2n * CREDIT,
      resets_at: BigInt(midnight?.at ?? 0),
    });
  });

  test('of a member, a key or an operation stops these only', async () => {
    const wallet = await fundedWallet(database, ledger, 100n);
    const [anna, bert] = [newId(), newId()];
    await limit(wallet, 3n, { of: { member: anna, operation: 'work' } });
    await ledger.execute(wallet.debit(3n, byMember(anna)));
    expect((await refusalOf(wallet.debit(1n, byMember(anna)))).code).toBe('budget_reached');
    const others = [
      wallet.debit(1n, byMember(bert)),
      wallet.debit(1n),
      wallet.debit(1n, { ...byMember(anna), operation: 'other' }),
    ];
    for (const other of others) {
      expect(await ledger.execute(other)).toMatchObject({ outcome: 'done' });
    }
  });

  test('is raised for a time, ends when it is removed, and is counted anew when it is set again', async () => {
    const wallet = await fundedWallet(database, ledger, 100n);
    const id = await limit(wallet, 5n);
    await ledger.execute(wallet.debit(5n));
    expect((await refusalOf(wallet.debit(1n))).code).toBe('budget_reached');
    const until = BigInt(Date.now()) * 1_000n + HOUR;
    await of(wallet, (trx) => raiseBudget(trx, wallet.id, id, { to: 7n * CREDIT, until }));
    await ledger.execute(wallet.debit(1n));
    expect(await refusalOf(wallet.debit(2n))).toMatchObject({ limit: 7n * CREDIT });
    await of(wallet, (trx) =>
      raiseBudget(trx, wallet.id, id, { to: 9n * CREDIT, until: until - 2n * HOUR }),
    );
    expect(await refusalOf(wallet.debit(1n))).toMatchObject({ limit: 5n * CREDIT });
    expect(await of(wallet, (trx) => removeBudget(trx, wallet.id, id))).toBe(true);
    expect(await of(wallet, (trx) => removeBudget(trx, wallet.id, id))).toBe(false);
    await ledger.execute(wallet.debit(4n));
    await limit(wallet, 12n);
    expect(await refusalOf(wallet.debit(3n))).toMatchObject({ used: 10n * CREDIT });
  });

  test('that is no more than a warning refuses nothing, and tells it once', async () => {
    const wallet = await fundedWallet(database, ledger, 100n);
    await limit(wallet, 5n, { hard: false });
    for (const units of [4n, 3n, 2n]) await ledger.execute(wallet.debit(units));
    const told = await database.query(
      `select seq, kind, payload from ledger_outbox where wallet_id = $1 and kind <> 'granted'`,
      [wallet.id],
    );
    expect(told).toMatchObject([
      { seq: '3', kind: 'budget_warning', payload: { budgets: [{ used: '7000000' }] } },
    ]);
  });

  test("cannot be set on another workspace's wallet", async () => {
    const [mine, theirs] = [
      await fundedWallet(database, ledger, 1n),
      await fundedWallet(database, ledger, 1n),
    ];
    const budget = { of: {}, period: 'all', hard: true, limit_amount: 0n } as const;
    await expect(of(mine, (trx) => setBudget(trx, theirs.id, budget))).rejects.toThrow();
    expect(await ledger.execute(theirs.debit(1n))).toMatchObject({ outcome: 'done' });
  });
});

describe('Promise 9: what a budget counts', () => {
  test('is from its first moment what it would be had it been there before', async () => {
    const wallet = await fundedWallet(database, ledger, 1_000n);
    await database.query(`update wallets set capture_above_hold = 'debit' where id = $1`, [
      wallet.id,
    ]);
    const [anna, bert] = [newId(), newId()];
    const most = { limit_amount: AMOUNT_MICRO_MAX };
    const budgets: NewBudget[] = [
      { of: {}, period: 'all', hard: true, ...most },
      { of: {}, period: 'day', hard: true, ...most },
      { of: { member: anna }, period: 'month', hard: true, ...most },
      { of: { operation: 'other' }, period: 'week', hard: false, ...most },
    ];
    for (const budget of budgets) await limit(wallet, 0n, budget);
    const holds = [
      wallet.hold(9n, byMember(anna)),
      wallet.hold(20n),
      wallet.hold(5n, { operation: 'other' }),
      wallet.hold(3n),
    ];
    const [first, second, third, fourth] = holds.map(({ hold_id }) => hold_id);
    const commands: Command[] = [
      wallet.debit(7n, byMember(anna)),
      wallet.debit(2n, { ...byMember(bert), operation: 'other' }),
      ...holds,
      wallet.capture(first ?? '', 4n),
      wallet.capture(second ?? '', 25n, byMember(bert)),
      wallet.capture(third ?? '', 1n, { more_to_follow: true }),
      wallet.release(fourth ?? ''),
      wallet.refund(2n, CREDIT),
      wallet.refund(8n, 3n * CREDIT),
    ];
    for (const command of commands) {
      expect(await ledger.execute(command)).toMatchObject({ outcome: 'done' });
    }
    const before = await counted(wallet);
    await database.query('update counters set amount = 1 where wallet_id = $1', [wallet.id]);
    for (const budget of budgets) await limit(wallet, 0n, budget);
    expect(await counted(wallet)).toEqual(before);
    expect(before).toEqual({
      'wallet all': '39',
      'wallet day': '39',
      [`member:${anna} month`]: '7',
      'operation:other week': '7',
    });
  });

  test('begins anew with the next hour, and a hold that lapses gives back in its own only', async () => {
    const wallet = await newWallet(database);
    const hour = (BigInt(Date.now()) * 1_000n) / HOUR - 5n;
    const at = (hours: bigint, micros = 0n): bigint => (hour + hours) * HOUR + micros;
    await ledger.execute(wallet.grant(100n), at(0n));
    await limit(wallet, 5n, { period: 'hour' });
    await ledger.execute(wallet.hold(5n, { ttl_seconds: 5_400 }), at(0n, 1n));
    expect(await refusalOf(wallet.debit(1n), at(1n, -1n))).toMatchObject({
      used: 5n * CREDIT,
      resets_at: at(1n),
    });
    await ledger.execute(wallet.debit(5n), at(1n));
    // The hold of the hour before has lapsed by then, and its hour is over.
    expect(await refusalOf(wallet.debit(1n), at(2n, -9n))).toMatchObject({ used: 5n * CREDIT });
    expect(await ledger.execute(wallet.debit(5n), at(2n))).toMatchObject({ outcome: 'done' });
  });
});

describe('Promise 9: included quantity', () => {
  test('is used up once, however many processes use it at once', async () => {
    const wallet = await fundedWallet(database, ledger, 100n);
    const bands = [{ up_to: 3_000_000n, price_pico: 0n }];
    const rule = aRule({ tiers: { period: 'all', mode: 'graduated', bands } });
    const other = createLedger(database.connections.ledger);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? ledger : other).execute(wallet.debit(1n, { rule })),
      ),
    );
    const amounts = outcomes.map((one) => (one.outcome === 'done' ? one.amount_micro : -1n));
    expect(amounts.filter((amount) => amount === 0n)).toHaveLength(3);
    expect(amounts.filter((amount) => amount === CREDIT)).toHaveLength(17);
  });
});
