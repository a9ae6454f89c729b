import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { askForRun, beginRun } from '../../src/billing/reconciliation-runs.ts';
import { reconcile } from '../../src/billing/reconciliation.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import {
  type Purchase,
  control,
  deliver,
  emit,
  only,
  order,
  payHeld,
} from '../support/purchases.ts';
import { differencesOf, reconciled } from '../support/reconciling.ts';
import { staffBrowser } from '../support/staff.ts';
import {
  advanceHeld,
  grantsOf,
  newPlan,
  payHeld as payForPlan,
  subscribe,
  workingProvider,
} from '../support/subscriptions.ts';

// Each test has books of its own: what one leaves amiss would be told in the next.
let program: TestProgram;
let ada: Customer;
beforeEach(async () => {
  program = await testProgram();
  await control(program, '/settings', { hold: true });
  ada = await program.signUp();
  return () => program.stop();
});

const COMPLETED = 'checkout.session.completed';
const PAID = 150_000_000n;
const UNPAID = 50_000_000n;

async function statusOf({ payment_id }: Purchase): Promise<string | undefined> {
  const [row] = await program.database.query<{ status: string }>(
    'select status from payments where id = $1',
    [payment_id],
  );
  return row?.status;
}

async function paid(): Promise<Purchase> {
  const purchase = await order(program, ada);
  await control(program, `/sessions/${purchase.session_id}/pay`, {});
  return purchase;
}

const Made = z.looseObject({ id: z.string() });

/** Asks the stand-in for something, and answers its id. */
async function made(path: string, body: object): Promise<string> {
  return Made.parse(await control(program, path, body)).id;
}

/** Somebody pays at a page that this program did not make. */
async function payAt(metadata: Record<string, string>, unit_amount = 1000): Promise<string> {
  const { stripe } = workingProvider(program);
  const product_data = { name: 'Something' };
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount, product_data } }],
    metadata,
    payment_intent_data: { metadata },
    success_url: 'http://127.0.0.1:9/thanks',
  });
  await control(program, `/sessions/${session.id}/pay`, {});
  return session.id;
}

describe('the reconciler', () => {
  test('attack 41: what was paid and never told is granted once, also beside its webhook', async () => {
    const purchase = await order(program, ada);
    const completed = only(await payHeld(program, purchase), COMPLETED);
    expect(await ada.available()).toBe(UNPAID);
    const [run] = await Promise.all([reconciled(program), deliver(program, completed)]);
    expect(run).toMatchObject({ findings: [], agrees: true });
    expect(await ada.available()).toBe(PAID);
    await deliver(program, completed, 'distinct:3');
    expect(await reconciled(program)).toMatchObject({ changed: 0, agrees: true });
    expect(await ada.available()).toBe(PAID);
  });

  test('closes what expired at the payment page, and leaves what is open or waits for its money', async () => {
    const [left, open, late] = [
      await order(program, ada),
      await order(program, ada),
      await order(program, ada),
    ];
    await control(program, `/sessions/${left.session_id}/expire`, {});
    await control(program, `/sessions/${late.session_id}/pay`, { later: true });
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
    expect(await statusOf(left)).toBe('cancelled');
    expect(await statusOf(open)).toBe('pending');
    await control(program, `/sessions/${late.session_id}/settle`, { succeeds: true });
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
    expect(await ada.available()).toBe(PAID);
  });

  test('attack 62: an order that a restored database has lost is made anew and granted once', async () => {
    const lost = await paid();
    await program.database.query('delete from payments where id = $1', [lost.payment_id]);
    expect(await reconciled(program)).toMatchObject({ changed: 1, findings: [], agrees: true });
    expect(await statusOf(lost)).toBe('completed');
    expect(await ada.available()).toBe(PAID);
    expect(await reconciled(program)).toMatchObject({ changed: 0, agrees: true });
    expect(await ada.available()).toBe(PAID);
  });

  test("leaves other software's payments alone, and tells of what was paid and cannot be granted", async () => {
    await payAt({ order: '4711' });
    expect(await reconciled(program)).toMatchObject({ looked_at: 0, days: [], agrees: true });
    const scrip_payment = randomUUID();
    const named = { scrip_payment, scrip_wallet: ada.wallet_id, scrip_package: 'starter' };
    const session = await payAt(named, 999);
    const run = await reconciled(program);
    expect(run.findings.map(({ object }) => object)).toContain(session);
    expect(differencesOf(run)).toMatchObject([
      { kind: 'charge', payment_id: scrip_payment, at_stripe: 999n, booked: undefined },
    ]);
    expect(await ada.available()).toBe(UNPAID);
  });

  test('a second payment for one order is booked beside the first, and given back like any other', async () => {
    const purchase = await paid();
    const again = await payAt({ scrip_payment: purchase.payment_id });
    expect(await reconciled(program)).toMatchObject({ agrees: true });
    expect(await ada.available()).toBe(PAID + PAID - UNPAID);
    await made('/refunds', { session: again });
    expect(await reconciled(program)).toMatchObject({ agrees: true });
    expect(await ada.available()).toBe(PAID);
  });

  test('what was given back or disputed and never told takes its credits back, and failed refunds return them', async () => {
    const purchase = await paid();
    await reconciled(program);
    const refund = await made('/refunds', { session: purchase.session_id, amount: 400 });
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
    expect(await ada.available()).toBe(PAID - 40_000_000n);
    expect(await reconciled(program)).toMatchObject({ changed: 0, agrees: true });
    await control(program, `/refunds/${refund}/settle`, { succeeds: false });
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
    expect(await ada.available()).toBe(PAID);
    const dispute = await made('/disputes', { session: purchase.session_id });
    const disputed = await reconciled(program);
    expect(disputed).toMatchObject({ changed: 1, agrees: true });
    expect(disputed.days).toMatchObject([{ taken_minor: 1000n, disputed_minor: 1000n }]);
    expect(await ada.available()).toBe(UNPAID);
    await control(program, `/disputes/${dispute}/close`, { status: 'won' });
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
    expect(await ada.available()).toBe(PAID);
  });

  test('paid periods of subscriptions that were never told are granted once each', async () => {
    const { month } = await newPlan(program, 2800n);
    const begun = await subscribe(program, ada, month);
    await payForPlan(program, begun);
    expect(await reconciled(program)).toMatchObject({ findings: [], agrees: true });
    expect(await ada.available()).toBe(PAID);
    await advanceHeld(program, 32);
    const renewed = await reconciled(program);
    expect(renewed).toMatchObject({ findings: [], agrees: true });
    expect(renewed.days.map(({ booked_minor }) => booked_minor)).toEqual([2800n, 2800n]);
    expect(await reconciled(program)).toMatchObject({ changed: 0, agrees: true });
    expect(await grantsOf(program, begun.id)).toHaveLength(2);
  });

  test('money that is booked and that Stripe does not have is a difference', async () => {
    const purchase = await order(program, ada);
    const forged = await emit(program, COMPLETED, {
      ...{ id: 'cs_forged', object: 'checkout.session', mode: 'payment', payment_status: 'paid' },
      ...{ amount_subtotal: 1000, amount_total: 1000, currency: 'usd' },
      ...{ payment_intent: 'pi_forged', metadata: { scrip_payment: purchase.payment_id } },
    });
    await deliver(program, { id: forged, type: COMPLETED });
    expect(differencesOf(await reconciled(program))).toMatchObject([
      { kind: 'charge', id: 'pi_forged', at_stripe: undefined, booked: 1000n },
    ]);
  });

  test('attack 41: a Stripe that does not answer fails the run as a whole, and the next takes all in', async () => {
    await paid();
    const { connections } = program.database;
    for (const kind of ['html', 'server_error', 'refused']) {
      await control(program, '/faults', { kind, times: 2 });
      const run = await reconcile(connections, workingProvider(program));
      expect(run.outcome).toBe('failed');
    }
    expect(await ada.available()).toBe(UNPAID);
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
  });

  test('runs once at a time, and a run whose process has died is given up', async () => {
    const { connections } = program.database;
    const provider = workingProvider(program);
    const world = { provider: provider.mode, livemode: provider.livemode };
    await connections.app.transaction().execute((trx) => beginRun(trx, world, new Date()));
    expect(await reconcile(connections, provider)).toEqual({ outcome: 'under_way' });
    await program.database.query("update reconciliations set heard_at = now() - interval '1 hour'");
    const runs = Array.from({ length: 4 }, () => reconcile(connections, provider));
    const outcomes = (await Promise.all(runs)).map(({ outcome }) => outcome);
    expect(outcomes).toContain('done');
    const states = await program.database.query(
      'select state from reconciliations where failure is not null',
    );
    expect(states).toEqual([{ state: 'failed' }]);
  });
});

describe('/admin/reconciliation', () => {
  test('shows what each day came to; finance may ask for a run, support may not', async () => {
    const support = await staffBrowser(program, 'support');
    const empty = await support.get('/admin/reconciliation').expect(200);
    expect(empty.text).toContain('Nothing has been reconciled yet');
    await support.post('/admin/reconciliation').expect(403);
    await ada.browser.get('/admin/reconciliation').expect(404);
    const finance = await staffBrowser(program, 'finance');
    await finance.post('/admin/reconciliation').expect(303);
    const asked = await finance.get('/admin/reconciliation').expect(200);
    expect(asked.text).toContain('Asked for');
    const { connections } = program.database;
    const provider = workingProvider(program);
    const world = { provider: provider.mode, livemode: provider.livemode };
    const ask = () =>
      connections.app
        .transaction()
        .execute((trx) => askForRun(trx, world, { person_id: randomUUID(), origin: {} }));
    expect(await ask()).toBe(false);
    await paid();
    await reconciled(program);
    const agreeing = await finance.get('/admin/reconciliation').expect(200);
    expect(agreeing.text).toContain('The payments and Stripe agree');
    expect(agreeing.text).toContain('$10.00');
    const lost = await payAt({ scrip_payment: randomUUID() });
    await reconciled(program);
    const differing = await finance.get('/admin/reconciliation').expect(200);
    expect(differing.text).toContain('do not agree');
    expect(lost).toMatch(/^cs_/);
  });
});
