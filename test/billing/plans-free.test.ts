import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renewFreePlans } from '../../src/billing/plans/free-plans.ts';
import { rollOverAll } from '../../src/billing/plans/rollovers.ts';
import { changePlan, planVersions } from '../../src/billing/plan-versions.ts';
import { findPlanPrice, plansOnSale } from '../../src/billing/plans.ts';
import { findOperation } from '../../src/pricing/price-book.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { grantsOf, newPlan, startFree, subscriptionOf } from '../support/subscriptions.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const WELCOME = 50n * CREDIT;
const DAY = 86_400_000;

/** Somebody on a plan for free since so many days ago, whose periods have gone by unseen since then. */
async function onFreePlan(
  plan: Parameters<typeof newPlan>[2] = {},
  days = 0,
): Promise<{ ada: Customer; id: string }> {
  const ada = await program.signUp();
  const { month } = await newPlan(program, 0n, plan);
  const id = await startFree(program, ada, month, new Date(Date.now() - days * DAY));
  if (id === undefined) throw new Error('the plan did not begin');
  return { ada, id };
}

describe('a plan that costs nothing', () => {
  test('grants its first period at once, as a lot that ends with it', async () => {
    const { ada, id } = await onFreePlan();
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    const lots = await program.database.query(
      `select l.source, l.priority, l.expires_at = s.current_period_ends_at as ends_with_it
       from lots l join subscriptions s on s.id = l.subscription_id where s.id = $1`,
      [id],
    );
    expect(lots).toEqual([{ source: 'plan', priority: 20, ends_with_it: true }]);
  });

  test('is renewed by a job, once however often and by however many it is run', async () => {
    const { ada, id } = await onFreePlan({}, 32);
    expect(await ada.available()).toBe(WELCOME);
    const { connections } = program.database;
    await Promise.all([1, 2, 3].map(() => renewFreePlans(connections)));
    await renewFreePlans(connections);
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    expect(await grantsOf(program, id)).toHaveLength(2);
  });

  test('grants the running period after a long downtime, and none that is over', async () => {
    const { ada, id } = await onFreePlan({}, 200);
    await renewFreePlans(program.database.connections);
    const grants = await grantsOf(program, id);
    expect(grants).toHaveLength(2);
    expect(grants[1]?.ends_at.getTime()).toBeGreaterThan(Date.now());
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
  });

  test('rolls what was left over up to its cap, once, and what was rolled over not again', async () => {
    const { ada, id } = await onFreePlan({ rollover_cap_micro: 30n * CREDIT }, 32);
    const { connections } = program.database;
    await renewFreePlans(connections);
    await Promise.all([rollOverAll(connections), rollOverAll(connections)]);
    expect(await ada.available()).toBe(WELCOME + 130n * CREDIT);
    const kinds = (await grantsOf(program, id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['period', 'period', 'rollover']);
  });

  test('is one at a time, also for two who begin it at once', async () => {
    const ada = await program.signUp();
    const { month } = await newPlan(program, 0n);
    const begun = await Promise.all([1, 2].map(() => startFree(program, ada, month)));
    expect(begun.filter((id) => id !== undefined)).toHaveLength(1);
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
  });

  test('attack 48: left and begun again within its period, it grants nothing a second time', async () => {
    const { ada, id } = await onFreePlan();
    await program.database.query(
      `update subscriptions set status = 'cancelled', ended_at = now() where id = $1`,
      [id],
    );
    const { month } = await newPlan(program, 0n);
    const again = await startFree(program, ada, month);
    expect(again).toBeDefined();
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    const before = await subscriptionOf(program, id);
    const after = await subscriptionOf(program, again ?? '');
    expect(after.current_period_ends_at).toEqual(before.current_period_ends_at);
  });

  test('that is unlimited makes usage cost nothing, also in a wallet that is known', async () => {
    const ada = await program.signUp();
    const operation = await findOperation(
      program.database.connections.staff,
      ada.workspace_id,
      'message.send',
    );
    const debit = (key: string) =>
      program.ledger.execute({
        kind: 'debit',
        wallet_id: ada.wallet_id,
        operation: 'message.send',
        quantity: 1_000_000n,
        rule: operation?.rule,
        key: { namespace: 'test', key },
        asked: { actor_kind: 'system' },
      });
    expect(await debit('one')).toMatchObject({ amount_micro: CREDIT / 10n });
    expect(await debit('two')).toMatchObject({ amount_micro: CREDIT / 10n });
    const { month } = await newPlan(program, 0n, { credits_micro: null });
    const id = await startFree(program, ada, month);
    expect(await debit('three')).toMatchObject({
      amount_micro: 0n,
      list_amount_micro: CREDIT / 10n,
    });
    expect(await grantsOf(program, id ?? '')).toMatchObject([{ kind: 'period', credits: null }]);
  });
});

test('a plan is sold by its newest version, and who has an older one keeps its price and credits', async () => {
  const { month } = await newPlan(program, 900n);
  const { app, staff } = program.database.connections;
  const [first] = await planVersions(staff, month.code);
  if (first === undefined) throw new Error('the plan is missing');
  const dearer = first.prices.map((price) => ({ ...price, price_minor: price.price_minor + 200n }));
  const terms = { ...first, credits_micro: CREDIT, prices: dearer };
  const by = { actor: { kind: 'system' }, made_by: 'test', reason: 'Dearer' } as const;
  const change = () =>
    app
      .transaction()
      .execute((trx) => changePlan(trx, month.code, terms, { after_version: 1, by }));
  expect(await Promise.all([change(), change()])).toContain('changed_meanwhile');
  const onSale = await plansOnSale(staff, 'USD');
  const sold = onSale.filter(({ plan_id }) => plan_id === month.plan_id);
  expect(sold).toMatchObject([
    { price_minor: 1_100n, credits_micro: CREDIT },
    { price_minor: 9_200n, credits_micro: CREDIT },
  ]);
  const kept = { price_minor: 900n, credits_micro: month.credits_micro };
  expect(await findPlanPrice(staff, month.id)).toMatchObject(kept);
});
