import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanPrice } from '../../src/billing/plans.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { type StandInEvent, control, deliver, emit } from '../support/purchases.ts';
import {
  advanceHeld,
  deliverAll,
  grantsOf,
  heldBy,
  newPlan,
  payHeld,
  payOpenInvoice,
  sendPlanForm,
  stripeIdIn,
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
const MONTH = 100n * CREDIT;
const choose = (price: PlanPrice) => ({ price: price.id, nonce: randomUUID() });
const isOf = (type: string) => (event: StandInEvent) => event.type === type;

/** What somebody was granted by plans, and what that cost them. */
async function bookOf(customer: Customer): Promise<{ credits: bigint; paid: bigint }> {
  const [row] = await program.database.query<{ credits: string; paid: string }>(
    `select (select coalesce(sum(granted), 0) from lots where wallet_id = $1 and source = 'plan') as credits,
       (select coalesce(sum(subtotal_minor - discount_minor), 0) from payments
        where wallet_id = $1 and completed_at is not null) as paid`,
    [customer.wallet_id],
  );
  return { credits: BigInt(row?.credits ?? 0), paid: BigInt(row?.paid ?? 0) };
}

/** The newest event of a type about a subscription, as Stripe sent it. */
async function eventOf(id: string, type: string): Promise<{ object: object; note: string | null }> {
  const [row] = await program.database.query<{ object: object; note: string | null }>(
    `select body->'data'->'object' as object, note from stripe_events
     where type = $2 and body::text like '%' || $1 || '%' order by created_at desc limit 1`,
    [id, type],
  );
  if (row === undefined) throw new Error(`no ${type} of ${id} came`);
  return row;
}

/** Sends an event that Stripe did not make: one that was, with other words. Returns its note. */
async function invent(id: string, type: string, change: object): Promise<string | null> {
  const { object } = await eventOf(id, type);
  const made = await emit(program, type, { ...object, ...change });
  await deliver(program, { id: made, type });
  const [row] = await program.database.query<{ state: string; note: string | null }>(
    'select state, note from stripe_events where id = $1',
    [made],
  );
  return row === undefined ? null : `${row.state}: ${row.note ?? ''}`;
}

describe('attack 49', () => {
  test('a renewal is one allotment, though two events tell of it, and four periods at once are four', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const events = await advanceHeld(program, 32);
    expect(events.filter(isOf('invoice.payment_succeeded')).length).toBeGreaterThanOrEqual(1);
    await deliverAll(program, [...events, ...events]);
    expect(await bookOf(ada)).toEqual({ credits: 2n * MONTH, paid: 5_600n });
    await deliverAll(program, (await advanceHeld(program, 122)).reverse());
    expect(await bookOf(ada)).toEqual({ credits: 6n * MONTH, paid: 16_800n });
    const periods = await grantsOf(program, id);
    expect(new Set(periods.map(({ ends_at }) => ends_at.getTime())).size).toBe(6);
    for (const [index, { starts_at }] of periods.entries()) {
      if (index > 0) expect(starts_at).toEqual(periods[index - 1]?.ends_at);
    }
  });

  test('a payment that fails grants nothing, is mailed once with its invoice, and grants when it comes', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month, 'pm_card_chargeCustomerFail');
    const events = await advanceHeld(program, 32);
    await deliverAll(program, [...events, ...events]);
    expect(await bookOf(ada)).toEqual({ credits: MONTH, paid: 2_800n });
    const due = await subscriptionOf(program, id);
    expect(due).toMatchObject({ status: 'past_due' });
    const mails = await program.database.query<{ kind: string; text: string }>(
      `select kind, text from mails where to_address = $1 and kind like 'subscription.%'`,
      [ada.email],
    );
    expect(mails.map(({ kind }) => kind)).toEqual(['subscription.payment_failed']);
    expect(mails[0]?.text).toContain(due.open_invoice_url);
    const page = await ada.browser.get(`/w/${ada.slug}/plans`);
    expect(page.text).toContain('The last payment did not go through');
    const paid = await heldBy(program, () => payOpenInvoice(program, due.open_invoice_url ?? ''));
    await deliverAll(program, [...paid, ...events]);
    expect(await bookOf(ada)).toEqual({ credits: 2n * MONTH, paid: 5_600n });
    expect(await subscriptionOf(program, id)).toMatchObject({
      ...{ status: 'active', past_due_at: null, open_invoice_url: null },
    });
  });
});

describe('attack 40', () => {
  test('events of a subscription in any order: it is granted once, and its end is for good', async () => {
    const { month } = await newPlan(program, 2_800n);
    for (const turned of [false, true]) {
      const ada = await program.signUp();
      const begun = await subscribe(program, ada, month);
      const events = await payHeld(program, begun);
      const { stripe_subscription_id } = await subscriptionOf(program, begun.id);
      const order = turned ? [...events].reverse() : events;
      await deliverAll(program, order);
      const known = stripe_subscription_id ?? (await stripeIdOf(begun.id));
      const end = await heldBy(program, () => cancelAtStripe(known));
      await deliverAll(program, end);
      await deliverAll(program, [...events, ...end].reverse(), 'twice');
      expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'cancelled' });
      expect(await ada.available()).toBe(WELCOME + MONTH);
    }
  });

  test('deleted before it was created: it is over, and what was paid for it is granted and flagged', async () => {
    const { month } = await newPlan(program, 2_800n);
    const ada = await program.signUp();
    const begun = await subscribe(program, ada, month);
    const events = await payHeld(program, begun);
    const stripeId = await stripeIdIn(program, events);
    const end = await heldBy(program, () => cancelAtStripe(stripeId));
    await deliverAll(program, [...end, ...events]);
    expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'cancelled' });
    expect(await ada.available()).toBe(WELCOME + MONTH);
    expect((await eventOf(begun.id, 'invoice.paid')).note).toContain('has ended');
  });

  test('the end of an unlimited plan ends it at once', async () => {
    const { month } = await newPlan(program, 19_000n, { credits_micro: null });
    const { ada, id } = await subscribed(program, month);
    const end = await heldBy(program, async () => cancelAtStripe(await stripeIdOf(id)));
    await deliverAll(program, end);
    const [wallet] = await program.database.query(
      'select unlimited_until from wallets where id = $1',
      [ada.wallet_id],
    );
    expect(wallet).toEqual({ unlimited_until: null });
  });
});

describe('attack 48', () => {
  test('up, down and up in one period is paid for once each time it goes up, and down gives nothing', async () => {
    const small = await newPlan(program, 2_800n);
    const large = await newPlan(program, 5_600n, { credits_micro: 2n * MONTH });
    const { ada, id } = await subscribed(program, small.month);
    const go = async (action: string, price?: PlanPrice): Promise<number> => {
      let status = 0;
      const events = await heldBy(program, async () => {
        const answer = await sendPlanForm(ada, action, price === undefined ? {} : choose(price));
        ({ status } = answer);
      });
      await deliverAll(program, events);
      return status;
    };
    expect(await go('', large.month)).toBe(303);
    for (let round = 0; round < 2; round++) {
      expect(await go('', small.month)).toBe(303);
      expect(await subscriptionOf(program, id)).toMatchObject({
        plan_price_id: large.month.id,
        next_plan_price_id: small.month.id,
      });
      expect(await go('', large.year)).toBe(422);
      expect(await go('/keep')).toBe(303);
    }
    const { credits, paid } = await bookOf(ada);
    expect(credits).toBeLessThanOrEqual(2n * MONTH);
    expect(credits * 2_800n).toBeLessThanOrEqual(paid * MONTH);
    expect((await grantsOf(program, id)).map(({ kind }) => kind)).toEqual(['period', 'upgrade']);
  });

  test('a downgrade holds from the next payment on', async () => {
    const small = await newPlan(program, 2_800n);
    const large = await newPlan(program, 5_600n, { credits_micro: 2n * MONTH });
    const { ada, id } = await subscribed(program, large.month);
    await deliverAll(
      program,
      await heldBy(program, () => sendPlanForm(ada, '', choose(small.month))),
    );
    expect(await bookOf(ada)).toEqual({ credits: 2n * MONTH, paid: 5_600n });
    await deliverAll(program, await advanceHeld(program, 32));
    expect(await bookOf(ada)).toEqual({ credits: 3n * MONTH, paid: 8_400n });
    expect(await subscriptionOf(program, id)).toMatchObject({
      plan_price_id: small.month.id,
      next_plan_price_id: null,
    });
  });

  test('cancelled and subscribed again, each allotment is paid for', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const end = await heldBy(program, async () => cancelAtStripe(await stripeIdOf(id)));
    await deliverAll(program, end);
    await deliverAll(program, await payHeld(program, await subscribe(program, ada, month)));
    expect(await bookOf(ada)).toEqual({ credits: 2n * MONTH, paid: 5_600n });
  });

  test.each([
    ['of a thousand', { subtotal: 2_800_000, total: 2_800_000, total_excluding_tax: 2_800_000 }],
    ['of less', { total: 1_400, total_excluding_tax: 1_400, amount_paid: 1_400 }],
    ['that is paid in part', { amount_paid: 1_400 }],
    ['in another currency', { currency: 'inr' }],
    ['made by hand', { billing_reason: 'manual' }],
    ['of an update that is none', { billing_reason: 'subscription_update' }],
    ['for a period that was paid before', {}],
  ])('an invoice %s is flagged and grants nothing', async (_name, change) => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const told = await invent(id, 'invoice.paid', { id: `in_${randomUUID()}`, ...change });
    expect(told).toContain('flagged: ');
    expect(await bookOf(ada)).toEqual({ credits: MONTH, paid: 2_800n });
  });
});

describe('attack 50', () => {
  test('an invoice of nothing and one with a whole discount grant nothing, and nothing breaks', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const none = { total: 0, total_excluding_tax: 0, amount_paid: 0 };
    for (const change of [{ ...none, subtotal: 0 }, none]) {
      const told = await invent(id, 'invoice.paid', { id: `in_${randomUUID()}`, ...change });
      expect(told).toBe('done: nothing was to be paid');
    }
    expect(await bookOf(ada)).toEqual({ credits: MONTH, paid: 2_800n });
  });

  test('cancelled here and taken back at Stripe, it is renewed; cancelled again, it ends with its period', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const cancel = () => heldBy(program, () => sendPlanForm(ada, '/cancel'));
    await deliverAll(program, await cancel());
    expect(await subscriptionOf(program, id)).toMatchObject({ cancel_at_period_end: true });
    const stripeId = await stripeIdOf(id);
    const undone = await heldBy(program, () =>
      stripe().subscriptions.update(stripeId, { cancel_at_period_end: false }),
    );
    await deliverAll(program, undone);
    expect(await subscriptionOf(program, id)).toMatchObject({ cancel_at_period_end: false });
    await deliverAll(program, await advanceHeld(program, 32));
    expect((await bookOf(ada)).credits).toBe(2n * MONTH);
    await deliverAll(program, await cancel());
    await deliverAll(program, await advanceHeld(program, 32));
    expect(await subscriptionOf(program, id)).toMatchObject({ status: 'cancelled' });
    expect((await bookOf(ada)).credits).toBe(2n * MONTH);
  });

  test('the customer is deleted at Stripe: the plan ends, and another can be taken', async () => {
    const { month } = await newPlan(program, 2_800n);
    const { ada, id } = await subscribed(program, month);
    const [row] = await program.database.query<{ customer_id: string }>(
      'select customer_id from stripe_customers where workspace_id = $1',
      [ada.workspace_id],
    );
    const gone = await heldBy(program, () => stripe().customers.del(row?.customer_id ?? ''));
    await deliverAll(program, gone);
    expect(await subscriptionOf(program, id)).toMatchObject({ status: 'cancelled' });
    await deliverAll(program, await payHeld(program, await subscribe(program, ada, month)));
    expect((await bookOf(ada)).credits).toBe(2n * MONTH);
  });
});

function stripe() {
  return workingProvider(program).stripe;
}

function cancelAtStripe(stripeId: string): Promise<unknown> {
  return stripe().subscriptions.cancel(stripeId);
}

async function stripeIdOf(id: string): Promise<string> {
  const { stripe_subscription_id } = await subscriptionOf(program, id);
  if (stripe_subscription_id === null) throw new Error(`${id} is not at Stripe`);
  return stripe_subscription_id;
}
