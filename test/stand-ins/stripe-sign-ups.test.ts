import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  aPrice,
  aSubscription,
  billingEvents,
  DAY_SECONDS,
  endOf,
  latest,
  moveTo,
  subscribe,
} from './stripe-plans.ts';
import { idOf, openShop, press } from './stripe-shop.ts';

test('a trial takes the card and no money, is told to end, and then takes the first payment', async () => {
  await using shop = await openShop();
  const price = await aPrice(shop);
  const trial = { subscription_data: { trial_period_days: 14 } };
  const made = await shop.stripe.checkout.sessions.create(aSubscription(price, trial));
  expect(made.amount_total).toBe(0);
  expect(await (await fetch(made.url ?? '')).text()).toMatch(
    /<h1>€9.00 each month<\/h1>[^]*Nothing is due today. €9.00 each month from \d+ \w+ \d+/,
  );
  const subscription = await subscribe(shop, price, trial);
  expect(subscription).toMatchObject({ status: 'trialing', trial_end: endOf(subscription) });
  const invoice = await shop.stripe.invoices.retrieve(idOf(subscription.latest_invoice));
  expect(invoice).toMatchObject({ amount_due: 0, attempt_count: 1, status: 'paid', total: 0 });
  expect((await shop.stripe.paymentIntents.list()).data).toEqual([]);
  const end = subscription.trial_end ?? 0;
  await moveTo(shop, end - 3 * DAY_SECONDS);
  expect((await billingEvents(shop)).at(-1)).toBe('customer.subscription.trial_will_end');
  await moveTo(shop, end);
  expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    billing_cycle_anchor: end,
    status: 'active',
  });
  const [renewal] = (await shop.stripe.invoices.list({ subscription: subscription.id })).data;
  expect(renewal).toMatchObject({
    amount_paid: 900,
    billing_reason: 'subscription_cycle',
    lines: { data: [{ period: { start: end } }] },
  });
});

test('a trial without a card ends in cancellation when it was made so', async () => {
  await using shop = await openShop();
  const { id, default_payment_method } = await subscribe(shop, await aPrice(shop), {
    payment_method_collection: 'if_required',
    subscription_data: {
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
    },
  });
  expect(default_payment_method).toBeNull();
  await shop.control('/clock', { advance_seconds: 15 * DAY_SECONDS });
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  expect((await shop.stripe.subscriptions.list()).data).toEqual([]);
  expect((await shop.stripe.subscriptions.list({ status: 'all' })).data).toHaveLength(1);
});

test('tax is on each invoice of a subscription whose session had it', async () => {
  await using shop = await openShop();
  await shop.control('/settings', { tax_percent: 20 });
  const price = await aPrice(shop, { tax_behavior: 'inclusive', unit_amount: 1200 });
  const { id } = await subscribe(shop, price, { automatic_tax: { enabled: true } });
  await shop.control('/clock', { advance_seconds: 31 * DAY_SECONDS });
  const { data } = await shop.stripe.invoices.list({ subscription: id });
  expect(data).toHaveLength(2);
  for (const invoice of data) {
    expect(invoice).toMatchObject({
      amount_paid: 1200,
      automatic_tax: { enabled: true, status: 'complete' },
      subtotal: 1200,
      total: 1200,
      total_excluding_tax: 1000,
      total_taxes: [{ amount: 200, tax_behavior: 'inclusive', taxable_amount: 1000 }],
    });
  }
});

test('a customer with a balance pays less at first, and a declined trial pays nothing', async () => {
  await using shop = await openShop();
  const { checkout, customers, invoices, subscriptions } = shop.stripe;
  const large = await aPrice(shop, { unit_amount: 3000 });
  const first = await subscribe(shop, large);
  const customer = idOf(first.customer);
  await subscriptions.update(first.id, {
    items: [{ id: first.items.data[0]?.id ?? '', price: (await aPrice(shop)).id }],
    proration_behavior: 'always_invoice',
    proration_date: first.start_date,
  });
  expect(await customers.retrieve(customer)).toMatchObject({ balance: -2100 });
  const second = await subscribe(shop, large, { customer });
  expect(await invoices.retrieve(idOf(second.latest_invoice))).toMatchObject({
    amount_paid: 900,
    ending_balance: 0,
    total: 3000,
  });
  expect((await shop.stripe.charges.list({ customer, limit: 1 })).data[0]?.amount).toBe(900);
  const trial = { subscription_data: { trial_period_days: 14 } };
  const made = await checkout.sessions.create(aSubscription(large, trial));
  await press(made, 'decline');
  expect(await (await fetch(made.url ?? '')).text()).toContain('The card was declined');
  expect((await latest(shop, 'setup_intent.setup_failed')).object).toBeDefined();
  await press(made, 'pay');
  expect((await checkout.sessions.retrieve(made.id)).payment_status).toBe('no_payment_required');
});

test('subscriptions outlive a restart, and a state file from before there were any is read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
  const stateFile = path.join(folder, 'state.json');
  const settings = { delay_ms: 0, copies: 1, hold: false, tax_percent: 0 };
  const before = { version: 1, origin: 'http://127.0.0.1:9', settings, customers: [] };
  const empty = {
    checkouts: [],
    intents: [],
    charges: [],
    events: [],
    deliveries: [],
    answers: [],
  };
  await writeFile(stateFile, JSON.stringify({ ...before, ...empty }));
  {
    await using shop = await openShop({ stateFile });
    const { id } = await subscribe(shop, await aPrice(shop));
    await shop.control(`/subscriptions/${id}/next_payments`, { behaviour: 'declines' });
  }
  {
    await using shop = await openShop({ stateFile });
    await shop.control('/clock', { advance_seconds: 32 * DAY_SECONDS });
    const [subscription] = (await shop.stripe.subscriptions.list()).data;
    expect(subscription?.status).toBe('past_due');
    const invoice = await shop.stripe.invoices.retrieve(idOf(subscription?.latest_invoice ?? null));
    expect((await fetch(invoice.hosted_invoice_url ?? '')).status).toBe(200);
  }
  await rm(folder, { recursive: true });
});
