import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PriceComponent } from '../../src/core/price-rules.ts';
import { instantOf } from '../../src/core/instant.ts';
import { newId } from '../../src/lib/ids.ts';
import { CurrentPrices } from '../../src/pricing/current-prices.ts';
import { findOperation, operationPrices } from '../../src/pricing/price-book.ts';
import { type NewVersion, addVersion } from '../../src/pricing/price-changes.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { PICO, SELLER, aComponent, newOperation } from '../support/random-prices.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => verifyAndDrop(database));

const at = (credits: bigint): PriceComponent[] => [aComponent({ price_pico: credits * PICO })];

function change(operation: string, credits: bigint, more: Partial<NewVersion> = {}) {
  return database.connections.app
    .transaction()
    .execute((trx) =>
      addVersion(trx, { operation, components: at(credits), actor: SELLER, ...more }),
    );
}

/** What a unit costs a workspace, as a process says that has not asked before and as the pages say. */
async function costOf(wallet: TestWallet, operation: string): Promise<unknown[]> {
  const { staff } = database.connections;
  const rule = await new CurrentPrices(staff).ruleFor(wallet.workspace_id, operation);
  const found = await findOperation(staff, wallet.workspace_id, operation);
  return [rule, found?.rule].map((one) => {
    const price = one?.components[0]?.price_pico;
    return price === undefined ? undefined : price / PICO;
  });
}

async function subscribe(wallet: TestWallet): Promise<string> {
  const [plan, price] = [newId(), newId()];
  await database.query(
    `with p as (insert into plans (id, code, made_by) values ($1, $4, 'test')),
       v as (insert into plan_versions (plan_id, version, valid_from, name, credits, unlimited,
         trial_days, grace_days, limits, position, active, made_by)
         values ($1, 1, now(), 'Plan', 1, false, 0, 7, '{}', 0, true, 'test')),
       q as (insert into plan_prices (id, plan_id, plan_version, period, currency, price_minor, version)
         values ($2, $1, 1, 'month', 'USD', 100, 1))
     insert into subscriptions (id, workspace_id, plan_id, plan_price_id, status, livemode)
     values ($5, $3, $1, $2, 'active', true)`,
    [plan, price, wallet.workspace_id, plan, newId()],
  );
  return plan;
}

describe('which price holds', () => {
  test("a customer's own before its plan's before the general one, and back when it ends", async () => {
    const operation = await newOperation(database);
    const [ada, eve, bob] = [
      await newWallet(database),
      await newWallet(database),
      await newWallet(database),
    ];
    const plan_id = await subscribe(ada);
    await subscribe(eve);
    expect(await costOf(ada, operation)).toEqual([1n, 1n]);
    await change(operation, 5n, { plan_id });
    expect(await costOf(ada, operation)).toEqual([5n, 5n]);
    const { workspace_id } = ada;
    await change(operation, 7n, { workspace_id });
    expect(await costOf(ada, operation)).toEqual([7n, 7n]);
    expect(await costOf(eve, operation)).toEqual([1n, 1n]);
    expect(await costOf(bob, operation)).toEqual([1n, 1n]);
    await change(operation, 2n);
    expect(await costOf(ada, operation)).toEqual([7n, 7n]);
    expect(await costOf(bob, operation)).toEqual([2n, 2n]);
    await change(operation, 0n, { workspace_id, components: [] });
    expect(await costOf(ada, operation)).toEqual([5n, 5n]);
    await database.query(
      `update subscriptions set status = 'cancelled', ended_at = now() where plan_id = $1`,
      [plan_id],
    );
    expect(await costOf(ada, operation)).toEqual([2n, 2n]);
    await change(operation, 0n, { components: [] });
    expect(await costOf(ada, operation)).toEqual([undefined, undefined]);
  });

  test('a price to come is seen and does not hold yet; one that is planned sooner comes before it', async () => {
    const operation = await newOperation(database);
    const ada = await newWallet(database);
    const { now } = Date;
    const [soon, late] = [new Date(now() + 3_600_000), new Date(now() + 7_200_000)];
    await change(operation, 9n, { valid_from: late });
    await change(operation, 4n, { valid_from: soon });
    expect(await costOf(ada, operation)).toEqual([1n, 1n]);
    const { staff } = database.connections;
    const [found] = await operationPrices(staff, ada.workspace_id, operation);
    expect(
      found?.upcoming.map((one) => [one.valid_from, one.price?.components[0]?.price_pico]),
    ).toEqual([
      [instantOf(soon), 4n * PICO],
      [instantOf(late), 9n * PICO],
    ]);
  });

  test('a price to come comes into force by itself, in a process that knew the one before', async () => {
    const operation = await newOperation(database);
    const { workspace_id } = await newWallet(database);
    const prices = new CurrentPrices(database.connections.staff);
    const before = await prices.ruleFor(workspace_id, operation);
    expect(before?.version).toBe(1);
    await change(operation, 3n, { valid_from: new Date(Date.now() + 500) });
    await vi.waitFor(async () => {
      const rule = await prices.ruleFor(workspace_id, operation);
      expect(rule?.components[0]?.price_pico).toBe(3n * PICO);
    }, 10_000);
  });

  test('a process that knows a price asks nobody for it', async () => {
    const operation = await newOperation(database);
    const { workspace_id } = await newWallet(database);
    let asked = 0;
    const counting = database.connections.staff.withPlugin({
      transformQuery: ({ node }) => {
        asked += 1;
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    const prices = new CurrentPrices(counting);
    await prices.ruleFor(workspace_id, operation);
    expect(asked).toBe(1);
    await Promise.all(Array.from({ length: 50 }, () => prices.ruleFor(workspace_id, operation)));
    expect(asked).toBe(1);
  });
});

describe('a version of a price', () => {
  test('is never changed or deleted, not by the owner either', async () => {
    const operation = await newOperation(database);
    const { app } = database.connections;
    const statements = [
      `update price_rules set components = '[]' where operation = '${operation}'`,
      `delete from price_rules where operation = '${operation}'`,
    ];
    for (const statement of statements) {
      await expect(sql.raw(statement).execute(app)).rejects.toThrow(/permission denied/);
      await expect(database.query(statement)).rejects.toThrow(/never changed or deleted/);
    }
  });

  test('does not begin in the past, is one that can be counted, of an operation that there is', async () => {
    const operation = await newOperation(database);
    await expect(change(operation, 1n, { valid_from: new Date(0) })).rejects.toMatchObject({
      code: 'price_in_the_past',
    });
    const tiers = {
      period: 'day',
      mode: 'volume',
      bands: [{ up_to: 1n, price_pico: 0n }],
    } as const;
    const components = ['one', 'other'].map((code) => aComponent({ code, tiers }));
    await expect(change(operation, 1n, { components })).rejects.toThrow(/no more/);
    await expect(change('nothing', 1n)).rejects.toMatchObject({ code: 'operation_unknown' });
  });

  test('has a number of its own, however many are made at once, and says who made it', async () => {
    const operation = await newOperation(database);
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) => change(operation, BigInt(index + 1))),
    );
    expect(made.map(({ version }) => version).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const events = await database.query<{ version: number }>(
      `select (after->>'version')::int as version from audit_events
       where action = 'price.changed' and subject_id = $1 order by 1`,
      [operation],
    );
    expect(events.map(({ version }) => version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
