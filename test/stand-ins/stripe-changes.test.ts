import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import {
  aPrice,
  billingEvents,
  DAY_SECONDS,
  endOf,
  latest,
  moveTo,
  subscribe,
} from './stripe-plans.ts';
import { idOf, openShop, refusal, type Shop } from './stripe-shop.ts';

/** A subscription to the smaller of two prices, half of its month gone. */
async function halfMonth(shop: Shop, more: { card?: string } = {}) {
  const small = await aPrice(shop);
  const large = await aPrice(shop, { unit_amount: 3000 });
  const subscription = await subscribe(shop, small, more);
  const item = subscription.items.data[0];
  if (item === undefined) throw new Error('there is no item');
  const { current_period_start: start, current_period_end: end } = item;
  await shop.control('/clock', { to: (start + end) / 2 });
  return { small, large, subscription, item: item.id, end, middle: (start + end) / 2 };
}

const amountsOf = ({ lines }: Stripe.Invoice): number[] => lines.data.map(({ amount }) => amount);

test('an upgrade that is invoiced at once costs the rest of the period, as its preview said', async () => {
  await using shop = await openShop();
  const { subscriptions, invoices } = shop.stripe;
  const { large, subscription, item, end, middle } = await halfMonth(shop);
  const change = {
    items: [{ id: item, price: large.id }],
    proration_behavior: 'always_invoice' as const,
    proration_date: middle,
  };
  const preview = await invoices.createPreview({
    subscription: subscription.id,
    subscription_details: change,
  });
  expect(amountsOf(preview)).toEqual([-450, 1500]);
  expect(preview).toMatchObject({ amount_due: 1050, billing_reason: 'subscription_update' });
  expect((await invoices.list({ subscription: subscription.id })).data).toHaveLength(1);
  const updated = await subscriptions.update(subscription.id, {
    ...change,
    metadata: { plan: 'large' },
    payment_behavior: 'error_if_incomplete',
    expand: ['latest_invoice'],
  });
  expect(endOf(updated)).toBe(end);
  expect(updated).toMatchObject({
    items: { data: [{ id: item, price: { id: large.id } }] },
    latest_invoice: {
      amount_paid: 1050,
      billing_reason: 'subscription_update',
      lines: {
        data: [
          {
            amount: -450,
            parent: { subscription_item_details: { proration: true } },
            period: { start: middle, end },
          },
          { amount: 1500, parent: { subscription_item_details: { proration: true } } },
        ],
      },
      parent: { subscription_details: { subscription_proration_date: middle } },
      status: 'paid',
    },
    metadata: { plan: 'large' },
    status: 'active',
  });
  expect((await latest(shop, 'customer.subscription.updated')).previous_attributes).toMatchObject({
    items: { data: [{ price: { unit_amount: 900 } }] },
    latest_invoice: idOf(subscription.latest_invoice),
    metadata: { plan: null },
  });
  await moveTo(shop, end);
  const [renewal] = (await invoices.list({ subscription: subscription.id })).data;
  expect(renewal).toMatchObject({ billing_reason: 'subscription_cycle', amount_paid: 3000 });
});

test('an upgrade that must be paid changes nothing when the card refuses', async () => {
  await using shop = await openShop();
  const { subscriptions } = shop.stripe;
  const { small, large, subscription, item } = await halfMonth(shop, {
    card: 'pm_card_chargeCustomerFail',
  });
  const change = { items: [{ id: item, price: large.id }] };
  const refused = await refusal(
    subscriptions.update(subscription.id, {
      ...change,
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
  );
  expect(refused).toMatchObject({ statusCode: 402, code: 'card_declined' });
  expect(await subscriptions.retrieve(subscription.id)).toMatchObject({
    items: { data: [{ price: { id: small.id } }] },
    latest_invoice: subscription.latest_invoice,
    status: 'active',
  });
  const allowed = await subscriptions.update(subscription.id, {
    ...change,
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  expect(allowed).toMatchObject({ latest_invoice: { status: 'open' }, status: 'past_due' });
});

test('a downgrade gives back what was billed, first to the balance and then to the next invoice', async () => {
  await using shop = await openShop();
  const { customers, invoices, subscriptions } = shop.stripe;
  const { small, large, subscription, item, end } = await halfMonth(shop);
  await subscriptions.update(subscription.id, {
    items: [{ id: item, price: large.id }],
    proration_behavior: 'always_invoice',
  });
  const back = await subscriptions.update(subscription.id, {
    items: [{ id: item, price: small.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  expect(back).toMatchObject({
    latest_invoice: { amount_due: 0, amount_paid: 0, ending_balance: -1050, status: 'paid' },
  });
  expect(await customers.retrieve(idOf(subscription.customer))).toMatchObject({ balance: -1050 });
  await moveTo(shop, end);
  const [renewal] = (await invoices.list({ subscription: subscription.id })).data;
  expect(renewal).toMatchObject({
    amount_due: 0,
    ending_balance: -150,
    starting_balance: -1050,
    total: 900,
  });
});

test('a change without proration is paid from the next period, and gives back no more than was billed', async () => {
  await using shop = await openShop();
  const { invoices, subscriptions } = shop.stripe;
  const { small, large, subscription, item, end } = await halfMonth(shop);
  await subscriptions.update(subscription.id, {
    items: [{ id: item, price: large.id }],
    proration_behavior: 'none',
  });
  const preview = await invoices.createPreview({ subscription: subscription.id });
  expect(amountsOf(preview)).toEqual([3000]);
  await subscriptions.update(subscription.id, { items: [{ id: item, price: small.id }] });
  await moveTo(shop, end);
  const [renewal] = (await invoices.list({ subscription: subscription.id })).data;
  expect(renewal && amountsOf(renewal)).toEqual([-450, 450, 900]);
});

test('quantities up and down in one period come to nothing, on the next invoice', async () => {
  await using shop = await openShop();
  const { invoices, subscriptions } = shop.stripe;
  const { subscription, item, end, middle } = await halfMonth(shop);
  for (const quantity of [1000, 1]) {
    await subscriptions.update(subscription.id, {
      items: [{ id: item, quantity }],
      proration_date: middle,
    });
  }
  expect((await invoices.list({ subscription: subscription.id })).data).toHaveLength(1);
  await moveTo(shop, end);
  const [renewal] = (await invoices.list({ subscription: subscription.id })).data;
  expect(renewal && amountsOf(renewal)).toEqual([-450, 450_000, -450_000, 450, 900]);
  expect(renewal?.total).toBe(900);
});

test('another interval begins a new period at once', async () => {
  await using shop = await openShop();
  const { subscription, item, middle } = await halfMonth(shop);
  const yearly = await aPrice(shop, { unit_amount: 9000, recurring: { interval: 'year' } });
  const updated = await shop.stripe.subscriptions.update(subscription.id, {
    items: [{ id: item, price: yearly.id }],
    expand: ['latest_invoice'],
  });
  const start = updated.items.data[0]?.current_period_start ?? 0;
  expect(start).toBeGreaterThanOrEqual(middle);
  expect(endOf(updated) - start).toBeGreaterThanOrEqual(365 * DAY_SECONDS);
  expect(updated.billing_cycle_anchor).toBe(start);
  expect(updated.latest_invoice).toMatchObject({
    billing_reason: 'subscription_update',
    lines: { data: [{ amount: expect.closeTo(-450, -1) as number }, { amount: 9000 }] },
    status: 'paid',
  });
});

test('a trial that is ended now is paid now', async () => {
  await using shop = await openShop();
  const trial = { subscription_data: { trial_period_days: 14 } };
  const { id, items } = await subscribe(shop, await aPrice(shop), trial);
  const large = await aPrice(shop, { unit_amount: 3000 });
  const item = items.data[0]?.id ?? '';
  await shop.stripe.subscriptions.update(id, { items: [{ id: item, price: large.id }] });
  expect((await shop.stripe.invoices.list()).data).toHaveLength(1);
  const updated = await shop.stripe.subscriptions.update(id, {
    trial_end: 'now',
    expand: ['latest_invoice'],
  });
  expect(updated).toMatchObject({
    latest_invoice: { amount_paid: 3000, billing_reason: 'subscription_update' },
    status: 'active',
    trial_end: updated.billing_cycle_anchor,
  });
});

test('an end at the end of the period can be taken back, and comes when it is not', async () => {
  await using shop = await openShop();
  const { subscriptions, invoices } = shop.stripe;
  const { id, items } = await subscribe(shop, await aPrice(shop));
  const end = items.data[0]?.current_period_end;
  const planned = await subscriptions.update(id, { cancel_at_period_end: true });
  expect(planned).toMatchObject({ cancel_at: end, cancel_at_period_end: true, status: 'active' });
  expect((await refusal(invoices.createPreview({ subscription: id }))).code).toBe(
    'invoice_upcoming_none',
  );
  expect((await latest(shop, 'customer.subscription.updated')).previous_attributes).toMatchObject({
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
  });
  const back = await subscriptions.update(id, { cancel_at_period_end: false });
  expect(back).toMatchObject({ cancel_at: null, canceled_at: null });
  await subscriptions.update(id, { cancel_at_period_end: true });
  await shop.control('/clock', { advance_seconds: 32 * DAY_SECONDS });
  expect(await subscriptions.retrieve(id)).toMatchObject({ ended_at: end, status: 'canceled' });
  expect((await invoices.list()).data).toHaveLength(1);
  expect((await billingEvents(shop)).at(-1)).toBe('customer.subscription.deleted');
  const late = await refusal(subscriptions.update(id, { cancel_at_period_end: false }));
  expect(late.message).toContain('canceled subscription can only update');
});

test('what cannot be changed so is refused in the form of Stripe', async () => {
  await using shop = await openShop();
  const { item, subscription } = await halfMonth(shop);
  const once = await shop.stripe.prices.create({
    currency: 'eur',
    unit_amount: 1,
    product_data: { name: 'Once' },
  });
  const dollars = await aPrice(shop, { currency: 'usd' });
  const refused: [Stripe.SubscriptionUpdateParams, object][] = [
    [{ items: [{ price: once.id }] }, { code: 'stand_in_unsupported' }],
    [{ items: [{ id: item, price: 'price_none' }] }, { param: 'items[0][price]' }],
    [{ items: [{ id: item, price: once.id }] }, { param: 'items[0][price]' }],
    [{ items: [{ id: item, price: dollars.id }] }, { param: 'items[0][price]' }],
    [{ items: [{ id: item }], proration_date: 1 }, { param: 'proration_date' }],
    [{ payment_behavior: 'default_incomplete' }, { code: 'stand_in_unsupported' }],
    [{ pause_collection: { behavior: 'void' } }, { code: 'stand_in_unsupported' }],
  ];
  for (const [parameters, expected] of refused) {
    const error = await refusal(shop.stripe.subscriptions.update(subscription.id, parameters));
    expect(error).toMatchObject({ statusCode: 400, ...expected });
  }
});
