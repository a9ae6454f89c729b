import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { aPurchase, idOf, openShop, press, refusal } from './stripe-shop.ts';

describe('checkout sessions', () => {
  test('a new session is open, unpaid and has the address of its page', async () => {
    await using shop = await openShop();
    const session = await shop.stripe.checkout.sessions.create(
      aPurchase({
        client_reference_id: 'payment-1',
        metadata: { payment_id: '1' },
        customer_email: 'ada@example.com',
        locale: 'de',
      }),
    );
    expect(session).toMatchObject({
      object: 'checkout.session',
      amount_subtotal: 1000,
      amount_total: 1000,
      client_reference_id: 'payment-1',
      currency: 'eur',
      customer: null,
      customer_details: { email: 'ada@example.com' },
      livemode: false,
      locale: 'de',
      metadata: { payment_id: '1' },
      mode: 'payment',
      payment_intent: null,
      payment_status: 'unpaid',
      status: 'open',
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    });
    expect(session.id).toMatch(/^cs_test_\w{50,}$/);
    expect(session.url).toBe(`${shop.standIn.url}/c/pay/${session.id}`);
    expect(session.expires_at - session.created).toBe(24 * 3600);
    expect(session.lastResponse.requestId).toMatch(/^req_/);
  });

  test('a session is retrieved by its id, with the objects that expand names', async () => {
    await using shop = await openShop();
    const customer = await shop.stripe.customers.create({ email: 'ada@example.com' });
    const made = await shop.stripe.checkout.sessions.create(aPurchase({ customer: customer.id }));
    await press(made, 'pay');
    const session = await shop.stripe.checkout.sessions.retrieve(made.id, {
      expand: ['customer', 'payment_intent.latest_charge', 'line_items.data.price.product'],
    });
    expect(session).toMatchObject({
      customer: { id: customer.id, email: 'ada@example.com' },
      payment_intent: { status: 'succeeded', latest_charge: { paid: true, amount: 1000 } },
      line_items: {
        data: [
          { quantity: 2, price: { product: { name: 'Starter', description: '1,000 credits' } } },
        ],
      },
    });
    const lines = await shop.stripe.checkout.sessions.listLineItems(made.id);
    expect(lines.data[0]?.price?.unit_amount_decimal?.toString()).toBe('500');
  });

  test('a list is paged from the newest, and filtered by status, time and payment', async () => {
    await using shop = await openShop();
    const { sessions } = shop.stripe.checkout;
    const first = await sessions.create(aPurchase());
    const second = await sessions.create(aPurchase());
    const third = await sessions.create(aPurchase());
    await press(second, 'pay');
    const paid = await sessions.retrieve(second.id);
    const idsOf = async (parameters: Stripe.Checkout.SessionListParams): Promise<string[]> =>
      (await sessions.list(parameters)).data.map((session) => session.id);
    expect(await sessions.list({ limit: 2 })).toMatchObject({
      object: 'list',
      has_more: true,
      data: [{ id: third.id }, { id: second.id }],
    });
    expect(await idsOf({ starting_after: second.id })).toEqual([first.id]);
    expect(await idsOf({ ending_before: second.id })).toEqual([third.id]);
    expect(await idsOf({ status: 'complete' })).toEqual([second.id]);
    expect(await idsOf({ payment_intent: idOf(paid.payment_intent) })).toEqual([second.id]);
    expect(await idsOf({ created: { gt: third.created } })).toEqual([]);
    expect(await idsOf({ created: { gte: first.created }, limit: 100 })).toHaveLength(3);
    const all = [];
    for await (const session of sessions.list({ limit: 1 })) all.push(session.id);
    expect(all).toEqual([third.id, second.id, first.id]);
  });

  test('an open session can be expired once, and its event is sent', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    const expired = await shop.stripe.checkout.sessions.expire(made.id);
    expect(expired).toMatchObject({ status: 'expired', url: null, payment_status: 'unpaid' });
    expect((await shop.arrived(1))[0]?.type).toBe('checkout.session.expired');
    const again = await refusal(shop.stripe.checkout.sessions.expire(made.id));
    expect(again.statusCode).toBe(400);
    expect(again.message).toContain('status of expired');
  });

  test('the buyer of a session that creates customers becomes one when paying', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(
      aPurchase({ customer_creation: 'always', customer_email: 'ada@example.com' }),
    );
    await press(made, 'pay');
    const session = await shop.stripe.checkout.sessions.retrieve(made.id);
    const customer = await shop.stripe.customers.retrieve(idOf(session.customer));
    expect(customer).toMatchObject({ object: 'customer', email: 'ada@example.com' });
  });
});

describe('idempotency keys', () => {
  test('the same key with the same parameters replays the answer and does nothing again', async () => {
    await using shop = await openShop();
    const { sessions } = shop.stripe.checkout;
    const first = await sessions.create(aPurchase(), { idempotencyKey: 'payment:1' });
    const second = await sessions.create(aPurchase(), { idempotencyKey: 'payment:1' });
    expect(second).toEqual(first);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect((await sessions.list()).data).toHaveLength(1);
  });

  test('the same key with other parameters or for another endpoint is an error', async () => {
    await using shop = await openShop();
    const { customers, checkout } = shop.stripe;
    await checkout.sessions.create(aPurchase(), { idempotencyKey: 'payment:1' });
    const other = aPurchase({ client_reference_id: 'another' });
    const conflict = await refusal(
      checkout.sessions.create(other, { idempotencyKey: 'payment:1' }),
    );
    expect(conflict).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
    const elsewhere = await refusal(customers.create({}, { idempotencyKey: 'payment:1' }));
    expect(elsewhere).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
  });

  test('a key whose parameters were refused is free for better ones', async () => {
    await using shop = await openShop();
    const { sessions } = shop.stripe.checkout;
    const wrong = aPurchase({ mode: 'paymnet' });
    await refusal(sessions.create(wrong, { idempotencyKey: 'payment:1' }));
    const session = await sessions.create(aPurchase(), { idempotencyKey: 'payment:1' });
    expect(session.status).toBe('open');
  });

  test('an answer that was lost on its way comes again under its key', async () => {
    await using shop = await openShop();
    // Twice, because the SDK tries again by itself when the connection is cut the first time.
    await shop.control('/faults', { kind: 'lost_answer', times: 2 });
    const { sessions } = shop.stripe.checkout;
    const lost = await refusal(sessions.create(aPurchase(), { idempotencyKey: 'payment:1' }));
    expect(lost.type).toBe('StripeConnectionError');
    const session = await sessions.create(aPurchase(), { idempotencyKey: 'payment:1' });
    expect(session.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await sessions.list()).data).toHaveLength(1);
  });
});

test('ordered faults fail the next requests and no others', async () => {
  await using shop = await openShop();
  await shop.control('/faults', { kind: 'server_error' });
  await shop.control('/faults', { kind: 'rate_limit', times: 2 });
  const list = () => shop.stripe.events.list();
  expect((await refusal(list())).statusCode).toBe(500);
  expect((await refusal(list())).statusCode).toBe(429);
  expect((await refusal(list())).statusCode).toBe(429);
  expect((await list()).data).toEqual([]);
});
