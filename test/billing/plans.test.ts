import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeInBegun } from '../../src/billing/subscriptions/begun.ts';
import { findIntents } from '../../src/billing/subscriptions/invoice-intents.ts';
import { stripePriceOf } from '../../src/billing/plans/stripe-prices.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control } from '../support/purchases.ts';
import {
  deliverAll,
  grantsOf,
  heldBy,
  newPlan,
  payHeld,
  sendPlanForm,
  startFree,
  subscribe,
  subscribed,
  subscriptionOf,
  workingProvider,
} from '../support/subscriptions.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
  await control(program, '/settings', { hold: true });
});
afterAll(() => program.stop());

const WELCOME = 50n * CREDIT;
const choose = (price: { id: string }) => ({ price: price.id, nonce: randomUUID() });

describe('subscribing', () => {
  test('the paid invoice grants the period, with what was paid for it; the page says so', async () => {
    const { month } = await newPlan(program, 2_800n);
    const ada = await program.signUp();
    const begun = await subscribe(program, ada, month);
    expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'incomplete' });
    const waiting = await ada.browser.get(`/w/${ada.slug}/plans?back=1`);
    expect(waiting.text).toContain('Stripe is confirming Crew, monthly');
    await deliverAll(program, await payHeld(program, begun));
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'active' });
    const lots = await program.database.query(
      `select l.source, l.cost_minor::text, l.currency, p.type, p.total_minor::text, i.number is not null as has_invoice
       from lots l join payments p on p.id = l.payment_id left join invoices i on i.payment_id = p.id
       where l.subscription_id = $1`,
      [begun.id],
    );
    expect(lots).toEqual([
      {
        ...{ source: 'plan', cost_minor: '2800', currency: 'USD' },
        ...{ type: 'subscription', total_minor: '2800', has_invoice: true },
      },
    ]);
    const page = await ada.browser.get(`/w/${ada.slug}/plans`);
    expect(page.text).toContain('Crew, monthly');
    expect(page.text).toContain('Cancel at the end of the period');
  });

  test('by the year grants twelve months at once', async () => {
    const { year } = await newPlan(program, 2_800n);
    const { ada } = await subscribed(program, year);
    expect(await ada.available()).toBe(WELCOME + 1_200n * CREDIT);
  });

  test('to an unlimited plan makes usage cost nothing until some days after the period', async () => {
    const { month } = await newPlan(program, 19_000n, { credits_micro: null });
    const { ada, id } = await subscribed(program, month);
    const [wallet] = await program.database.query<{ days: number }>(
      `select extract(days from w.unlimited_until - s.current_period_ends_at)::int as days
       from wallets w join subscriptions s on s.workspace_id = w.workspace_id
       where s.id = $1 and w.livemode and w.unlimited_reason = 'plan'`,
      [id],
    );
    expect(wallet?.days).toBe(7);
    expect(await ada.available()).toBe(WELCOME);
  });

  test('is one at a time: the page that was left is taken up again, or given up for another', async () => {
    const [one, other] = [await newPlan(program, 1_000n), await newPlan(program, 2_000n)];
    const ada = await program.signUp();
    const first = await subscribe(program, ada, one.month);
    expect(await subscribe(program, ada, one.month)).toEqual(first);
    const second = await subscribe(program, ada, other.month);
    expect(await subscriptionOf(program, first.id)).toMatchObject({ status: 'cancelled' });
    expect(await payHeld(program, first)).toEqual([]);
    await deliverAll(program, await payHeld(program, second));
    const again = await sendPlanForm(ada, '', choose(other.month));
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('Crew already')]);
  });

  test('ends a plan that costs nothing, and leaves its credits', async () => {
    const [free, paid] = [await newPlan(program, 0n), await newPlan(program, 2_800n)];
    const ada = await program.signUp();
    const before = await startFree(program, ada, free.month);
    await deliverAll(program, await payHeld(program, await subscribe(program, ada, paid.month)));
    expect(await subscriptionOf(program, before ?? '')).toMatchObject({ status: 'cancelled' });
    expect(await ada.available()).toBe(WELCOME + 200n * CREDIT);
  });

  test('attack 41: what no webhook tells is asked for, and both at once are one grant', async () => {
    const { month } = await newPlan(program, 2_800n);
    const ada = await program.signUp();
    const begun = await subscribe(program, ada, month);
    const events = await payHeld(program, begun);
    const { connections } = program.database;
    await Promise.all([
      takeInBegun(connections, workingProvider(program), begun.session_id),
      deliverAll(program, events),
    ]);
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'active' });
  });

  test('the payment intent of an invoice is found, for refunds and disputes are of it', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { id } = await subscribed(program, month);
    await findIntents(program.database.connections, workingProvider(program));
    const rows = await program.database.query(
      `select payment_intent_id like 'pi_%' as found from payments where subscription_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ found: true }]);
  });

  test('attack 50: a period whose money goes back takes its credits back, and nothing else', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    await findIntents(program.database.connections, workingProvider(program));
    const [payment] = await program.database.query<{ intent: string }>(
      'select payment_intent_id as intent from payments where subscription_id = $1',
      [id],
    );
    const refund = { payment_intent: payment?.intent, delivery: { hold: true } };
    const events = await heldBy(program, () => control(program, '/refunds', refund));
    await deliverAll(program, [...events, ...events]);
    expect(await ada.available()).toBe(WELCOME);
  });

  test('leads to a page of Stripe on which the card is looked after', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada } = await subscribed(program, month);
    const portal = await sendPlanForm(ada, '/portal', { nonce: randomUUID() });
    expect(portal.status).toBe(303);
    expect(portal.headers['location']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/p\/session\/bps_/);
    const eve = await program.signUp();
    expect((await sendPlanForm(eve, '/portal', { nonce: randomUUID() })).status).toBe(404);
  });

  test('goes on with another customer when the one of before was deleted at Stripe', async () => {
    const [one, other] = [await newPlan(program, 1_000n), await newPlan(program, 2_800n)];
    const ada = await program.signUp();
    await subscribe(program, ada, one.month);
    const [known] = await program.database.query<{ id: string }>(
      'select customer_id as id from stripe_customers where workspace_id = $1',
      [ada.workspace_id],
    );
    await workingProvider(program).stripe.customers.del(known?.id ?? '');
    await deliverAll(program, await payHeld(program, await subscribe(program, ada, other.month)));
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
  });

  test('that is broken off charges nothing and can be sent again', async () => {
    const { month } = await newPlan(program, 2_800n);
    const ada = await program.signUp();
    await control(program, '/faults', { kind: 'server_error', times: 2 });
    const refused = await sendPlanForm(ada, '', choose(month));
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('Nothing was')]);
    await deliverAll(program, await payHeld(program, await subscribe(program, ada, month)));
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
  });
});

describe('a change of plan', () => {
  test('to a dearer one is made and paid at once, and grants the difference for the time left', async () => {
    const small = await newPlan(program, 2_800n);
    const large = await newPlan(program, 5_600n, { credits_micro: 200n * CREDIT });
    const { ada, id } = await subscribed(program, small.month);
    const events = await heldBy(program, () => sendPlanForm(ada, '', choose(large.month)));
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    await deliverAll(program, [...events, ...events].reverse());
    const available = await ada.available();
    expect(available).toBeLessThanOrEqual(WELCOME + 200n * CREDIT);
    expect(available).toBeGreaterThan(WELCOME + 199n * CREDIT);
    expect(await subscriptionOf(program, id)).toMatchObject({ plan_price_id: large.month.id });
    expect((await grantsOf(program, id)).map(({ kind }) => kind)).toEqual(['period', 'upgrade']);
  });

  test('to the year begins it now, less what the month has left', async () => {
    const { month, year } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const events = await heldBy(program, () => sendPlanForm(ada, '', choose(year)));
    await deliverAll(program, events);
    const available = await ada.available();
    expect(available).toBeLessThanOrEqual(WELCOME + 1_201n * CREDIT);
    expect(available).toBeGreaterThanOrEqual(WELCOME + 1_199n * CREDIT);
    const { current_period_ends_at } = await subscriptionOf(program, id);
    expect(current_period_ends_at?.getTime()).toBeGreaterThan(Date.now() + 360 * 86_400_000);
    const back = await sendPlanForm(ada, '', choose(month));
    expect(back.text).toContain('paid for the whole year');
  });

  test('that the card refuses changes nothing', async () => {
    const small = await newPlan(program, 2_800n);
    const large = await newPlan(program, 5_600n);
    const { ada, id } = await subscribed(program, small.month, 'pm_card_chargeCustomerFail');
    const refused = await sendPlanForm(ada, '', choose(large.month));
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('declined')]);
    expect(await subscriptionOf(program, id)).toMatchObject({ plan_price_id: small.month.id });
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
  });

  test('whose answer is lost is made once', async () => {
    const small = await newPlan(program, 2_800n);
    const large = await newPlan(program, 5_600n, { credits_micro: 200n * CREDIT });
    const { ada, id } = await subscribed(program, small.month);
    await stripePriceOf(workingProvider(program), large.month);
    await control(program, '/faults', { kind: 'lost_answer', times: 2 });
    const events = await heldBy(program, async () => {
      expect((await sendPlanForm(ada, '', choose(large.month))).status).toBe(503);
    });
    const twice = await sendPlanForm(ada, '', choose(large.month));
    expect(twice.text).toContain('under way');
    await deliverAll(program, events);
    expect((await grantsOf(program, id)).map(({ kind }) => kind)).toEqual(['period', 'upgrade']);
    expect(await subscriptionOf(program, id)).toMatchObject({ plan_price_id: large.month.id });
  });

  test('is for owners and admins', async () => {
    const { month } = await newPlan(program, 2_800n);
    const ada = await program.signUp();
    await program.database.query(`update memberships set role = 'member' where workspace_id = $1`, [
      ada.workspace_id,
    ]);
    for (const action of ['', '/cancel', '/resume', '/keep', '/portal']) {
      expect((await sendPlanForm(ada, action, choose(month))).status).toBe(403);
    }
    const page = await ada.browser.get(`/w/${ada.slug}/plans`);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Owners and admins')]);
  });
});
