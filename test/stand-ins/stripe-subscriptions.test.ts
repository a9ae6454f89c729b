import { expect, test } from 'vitest';
import { periodEnd } from '../../stand-ins/stripe/subscriptions/periods.ts';
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
import { idOf, openShop, press, refusal } from './stripe-shop.ts';

test('a session in subscription mode ends with a subscription, a paid invoice and the card kept', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const price = await aPrice(shop);
  const made = await stripe.checkout.sessions.create(
    aSubscription(price, {
      customer_email: 'ada@example.com',
      line_items: [{ price: price.id, quantity: 2 }],
      metadata: { order: '1' },
      subscription_data: { metadata: { wallet: 'w1' }, description: 'Team plan' },
    }),
  );
  expect(made).toMatchObject({
    amount_total: 1800,
    customer: null,
    mode: 'subscription',
    payment_method_collection: 'always',
    payment_status: 'unpaid',
    subscription: null,
  });
  await press(made, 'decline');
  await press(made, 'pay', 'at_once', 'pm_card_authenticationRequired');
  const session = await stripe.checkout.sessions.retrieve(made.id, {
    expand: ['subscription.default_payment_method', 'invoice.payments'],
  });
  expect(session).toMatchObject({
    payment_intent: null,
    payment_status: 'paid',
    status: 'complete',
    subscription: {
      cancel_at_period_end: false,
      customer: idOf(session.customer),
      default_payment_method: { card: { last4: '3184' }, customer: idOf(session.customer) },
      description: 'Team plan',
      items: { data: [{ price: { id: price.id }, quantity: 2 }] },
      metadata: { wallet: 'w1' },
      status: 'active',
    },
    invoice: {
      amount_due: 1800,
      amount_paid: 1800,
      billing_reason: 'subscription_create',
      lines: {
        data: [
          {
            amount: 1800,
            description: '2 × Team (at €9.00 / month)',
            parent: { subscription_item_details: { proration: false } },
            pricing: { price_details: { price: price.id } },
          },
        ],
      },
      parent: {
        subscription_details: {
          metadata: { wallet: 'w1' },
          subscription: idOf(session.subscription),
        },
      },
      payments: { data: [{ amount_paid: 1800, status: 'paid' }] },
      status: 'paid',
    },
  });
  expect(await billingEvents(shop)).toEqual([
    'invoice.created',
    'customer.subscription.created',
    'invoice.finalized',
    'customer.subscription.updated',
    'invoice.paid',
    'invoice.payment_succeeded',
  ]);
  expect((await latest(shop, 'customer.subscription.updated')).previous_attributes).toEqual({
    default_payment_method: null,
    status: 'incomplete',
  });
  const intents = await stripe.paymentIntents.list();
  const [payment] = (
    await stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: intents.data[0]?.id ?? '' },
    })
  ).data;
  expect(payment).toMatchObject({ invoice: idOf(session.invoice), status: 'paid' });
  const sessions = await stripe.checkout.sessions.list({
    subscription: idOf(session.subscription),
  });
  expect(sessions.data).toHaveLength(1);
});

test('four periods at once give four invoices, one after the other, and one line each', async () => {
  await using shop = await openShop();
  const first = await subscribe(shop, await aPrice(shop));
  await shop.control('/clock', { advance_seconds: 4 * 31 * DAY_SECONDS });
  const { data } = await shop.stripe.invoices.list({ subscription: first.id });
  expect(data.map((invoice) => invoice.billing_reason)).toEqual([
    ...Array<string>(4).fill('subscription_cycle'),
    'subscription_create',
  ]);
  expect(data.every(({ status, total }) => status === 'paid' && total === 900)).toBe(true);
  const periods = data.map((invoice) => invoice.lines.data[0]?.period).toReversed();
  for (const [index, period] of periods.entries()) {
    expect(period?.start).toBe(periods[index - 1]?.end ?? period?.start);
  }
  expect(data[0]?.created).toBe(periods.at(-1)?.start);
  const now = await shop.stripe.subscriptions.retrieve(first.id);
  expect(endOf(now)).toBe(periods.at(-1)?.end);
  expect(now.latest_invoice).toBe(data[0]?.id);
  const cycle = [
    'invoice.created',
    'customer.subscription.updated',
    'invoice.finalized',
    'invoice.paid',
    'invoice.payment_succeeded',
  ];
  expect((await billingEvents(shop)).slice(-20)).toEqual([...cycle, ...cycle, ...cycle, ...cycle]);
  const updated = await latest(shop, 'customer.subscription.updated');
  expect(updated.previous_attributes).toMatchObject({
    items: { data: [{ current_period_end: data[0]?.created }] },
    latest_invoice: data[1]?.id,
  });
});

test('a card that is declined leaves the subscription past due, is tried three times more, then it ends', async () => {
  await using shop = await openShop();
  const card = 'pm_card_chargeCustomerFail';
  const subscription = await subscribe(shop, await aPrice(shop), { card });
  const due = endOf(subscription);
  await moveTo(shop, due);
  const read = () => shop.stripe.subscriptions.retrieve(subscription.id);
  const { latest_invoice, status } = await read();
  expect(status).toBe('past_due');
  const invoice = () => shop.stripe.invoices.retrieve(idOf(latest_invoice));
  expect(await invoice()).toMatchObject({
    attempt_count: 1,
    next_payment_attempt: due + 3 * DAY_SECONDS,
    status: 'open',
  });
  await moveTo(shop, due + 3 * DAY_SECONDS);
  expect((await invoice()).next_payment_attempt).toBe(due + 8 * DAY_SECONDS);
  await moveTo(shop, due + 8 * DAY_SECONDS);
  expect((await invoice()).next_payment_attempt).toBe(due + 15 * DAY_SECONDS);
  expect((await read()).status).toBe('past_due');
  await moveTo(shop, due + 15 * DAY_SECONDS);
  expect(await read()).toMatchObject({
    status: 'canceled',
    cancellation_details: { reason: 'payment_failed' },
    ended_at: due + 15 * DAY_SECONDS,
  });
  expect(await invoice()).toMatchObject({
    attempt_count: 4,
    next_payment_attempt: null,
    status: 'open',
  });
  await shop.control('/clock', { advance_seconds: 90 * DAY_SECONDS });
  expect((await shop.stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(2);
  const events = await billingEvents(shop);
  expect(events.filter((type) => type === 'invoice.payment_failed')).toHaveLength(4);
  expect(events.at(-1)).toBe('customer.subscription.deleted');
});

test('a renewal that wants the owner is paid later by another card, and is active again', async () => {
  await using shop = await openShop();
  const { invoices, subscriptions } = shop.stripe;
  const card = 'pm_card_authenticationRequired';
  const subscription = await subscribe(shop, await aPrice(shop), { card });
  await moveTo(shop, endOf(subscription));
  expect((await billingEvents(shop)).slice(-3)).toEqual([
    'invoice.payment_failed',
    'invoice.payment_action_required',
    'customer.subscription.updated',
  ]);
  const { latest_invoice } = await subscriptions.retrieve(subscription.id);
  const id = idOf(latest_invoice);
  const again = await refusal(invoices.pay(id, {}, { idempotencyKey: 'pay:1' }));
  expect(again).toMatchObject({ statusCode: 402, code: 'authentication_required' });
  expect(again.payment_intent?.id).toMatch(/^pi_/);
  const paid = await invoices.pay(id, { payment_method: 'pm_card_visa' });
  expect(paid).toMatchObject({ status: 'paid', amount_paid: 900, attempt_count: 1 });
  expect((await subscriptions.retrieve(subscription.id)).status).toBe('active');
  expect((await refusal(invoices.pay(id))).message).toBe('Invoice is already paid');
});

test('a canceled subscription ends at once and is not charged again', async () => {
  await using shop = await openShop();
  const { id } = await subscribe(shop, await aPrice(shop));
  const details = { comment: 'too much', feedback: 'too_expensive' } as const;
  const ended = await shop.stripe.subscriptions.cancel(id, { cancellation_details: details });
  expect(ended).toMatchObject({
    cancellation_details: { ...details, reason: 'cancellation_requested' },
    ended_at: ended.canceled_at,
    status: 'canceled',
  });
  await shop.control('/clock', { advance_seconds: 90 * DAY_SECONDS });
  expect((await shop.stripe.invoices.list()).data).toHaveLength(1);
  expect((await refusal(shop.stripe.subscriptions.cancel(id))).statusCode).toBe(404);
});

test('months end on their last day when they are too short for the anchor', () => {
  const at = (day: string): number => Date.parse(`${day}T12:00:00Z`) / 1000;
  const ends: string[] = [];
  let from = at('2027-10-31');
  for (let count = 0; count < 5; count += 1) {
    from = periodEnd(at('2027-10-31'), { interval: 'month', interval_count: 1 }, from);
    ends.push(new Date(from * 1000).toISOString().slice(0, 10));
  }
  expect(ends).toEqual(['2027-11-30', '2027-12-31', '2028-01-31', '2028-02-29', '2028-03-31']);
  const leap = periodEnd(
    at('2028-02-29'),
    { interval: 'year', interval_count: 1 },
    at('2028-02-29'),
  );
  expect(leap).toBe(at('2029-02-28'));
});
