import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { aSetup, openShop, press, refusal, type Shop } from './stripe-shop.ts';

/** A customer with one card that is kept; answers both ids. */
async function withCard(shop: Shop, card: string): Promise<{ customer: string; method: string }> {
  const { id: customer } = await shop.stripe.customers.create({ email: 'ada@example.com' });
  const session = await shop.stripe.checkout.sessions.create(aSetup({ customer }));
  await press(session, 'pay', 'at_once', card);
  const [saved] = (await shop.stripe.customers.listPaymentMethods(customer)).data;
  return { customer, method: saved?.id ?? '' };
}

const owed = { amount: 2000, currency: 'eur', metadata: { top_up: '1' } };

const charged = (customer: string, payment_method: string): Stripe.PaymentIntentCreateParams => ({
  ...owed,
  customer,
  payment_method,
  confirm: true,
  off_session: true,
});

const typesOf = async (shop: Shop): Promise<string[]> =>
  (await shop.stripe.events.list({ limit: 100 })).data.map(({ type }) => type).toReversed();

test('a saved card is charged without its owner', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const { customer, method } = await withCard(shop, 'pm_card_visa');
  const intent = await stripe.paymentIntents.create(charged(customer, method), {
    idempotencyKey: 'top-up:1',
  });
  expect(intent).toMatchObject({
    amount_received: 2000,
    metadata: { top_up: '1' },
    status: 'succeeded',
  });
  const { data } = await stripe.charges.list({ payment_intent: intent.id });
  expect(data).toMatchObject([
    { customer, metadata: { top_up: '1' }, paid: true, payment_method: method },
  ]);
  expect((await typesOf(shop)).slice(-3)).toEqual([
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
  ]);
  const again = await stripe.paymentIntents.create(charged(customer, method), {
    idempotencyKey: 'top-up:1',
  });
  expect(again.id).toBe(intent.id);
  expect((await stripe.paymentIntents.list({ customer })).data).toHaveLength(1);
});

test('a card that refuses is a 402 with the PaymentIntent inside, kept under its key', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  for (const [card, code, decline_code] of [
    ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline'],
    ['pm_card_authenticationRequired', 'authentication_required', 'authentication_required'],
  ] as const) {
    const { customer, method } = await withCard(shop, card);
    const idempotencyKey = `top-up:${card}`;
    const create = () =>
      stripe.paymentIntents.create(charged(customer, method), { idempotencyKey });
    const error = await refusal(create());
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code });
    expect(error.payment_intent).toMatchObject({
      last_payment_error: { code, payment_method: { id: method } },
      status: 'requires_payment_method',
    });
    expect((await refusal(create())).payment_intent?.id).toBe(error.payment_intent?.id);
    expect((await stripe.charges.list({ customer })).data).toMatchObject([
      { failure_code: code, paid: false, status: 'failed' },
    ]);
  }
  expect(await typesOf(shop)).toContain('payment_intent.payment_failed');
});

test('a card that wants its owner waits for them when they are there', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const { customer, method } = await withCard(shop, 'pm_card_authenticationRequired');
  const return_url = 'http://127.0.0.1:9/back?tab=1';
  const order = { ...owed, customer, payment_method: method, confirm: true };
  const waiting = await stripe.paymentIntents.create({ ...order, return_url });
  expect(waiting.status).toBe('requires_action');
  const page = waiting.next_action?.redirect_to_url?.url ?? '';
  expect(await (await fetch(page)).text()).toContain('whether it is you who pays');
  const answer = await fetch(`${page}/agree`, { method: 'POST', redirect: 'manual' });
  expect(answer.headers.get('location')).toContain(`${return_url}&payment_intent=${waiting.id}&`);
  const paid = await stripe.paymentIntents.retrieve(waiting.id, { expand: ['latest_charge'] });
  expect(paid).toMatchObject({
    latest_charge: {
      payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } },
    },
    next_action: null,
    status: 'succeeded',
  });
  const refused = await stripe.paymentIntents.create({ ...order, return_url });
  await shop.control(`/payment_intents/${refused.id}/authenticate`, { succeeds: false });
  expect(await stripe.paymentIntents.retrieve(refused.id)).toMatchObject({
    last_payment_error: { code: 'payment_intent_authentication_failure' },
    status: 'requires_payment_method',
  });
  expect(await typesOf(shop)).toContain('payment_intent.requires_action');
});

test('a PaymentIntent is changed, confirmed with a well-known card, and cancelled once', async () => {
  await using shop = await openShop();
  const { paymentIntents } = shop.stripe;
  const made = await paymentIntents.create({
    amount: 500,
    currency: 'eur',
    metadata: { a: '1', b: '2' },
  });
  expect(made.status).toBe('requires_payment_method');
  const changed = await paymentIntents.update(made.id, {
    amount: 700,
    metadata: { a: '', c: '3' },
    payment_method: 'pm_card_visa',
  });
  expect(changed).toMatchObject({
    amount: 700,
    metadata: { b: '2', c: '3' },
    status: 'requires_confirmation',
  });
  const declined = await refusal(
    paymentIntents.confirm(made.id, {
      payment_method: 'pm_card_chargeDeclined',
      return_url: 'http://127.0.0.1:9/',
    }),
  );
  expect(declined).toMatchObject({ statusCode: 402, code: 'card_declined' });
  await paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa', off_session: true });
  for (const work of [
    paymentIntents.confirm(made.id),
    paymentIntents.cancel(made.id),
    paymentIntents.update(made.id, { amount: 900 }),
  ]) {
    expect((await refusal(work)).code).toBe('payment_intent_unexpected_state');
  }
  expect((await paymentIntents.update(made.id, { metadata: '' })).metadata).toEqual({});
  const other = await paymentIntents.create({ amount: 500, currency: 'eur' });
  const cancelled = await paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' });
  expect(cancelled).toMatchObject({ cancellation_reason: 'abandoned', status: 'canceled' });
  expect(await typesOf(shop)).toContain('payment_intent.canceled');
});

test('what Stripe refuses of a PaymentIntent is refused, and nothing is left behind', async () => {
  await using shop = await openShop();
  const { paymentIntents } = shop.stripe;
  const { customer, method } = await withCard(shop, 'pm_card_visa');
  const order = charged(customer, method);
  const { customer: other } = await withCard(shop, 'pm_card_visa');
  const nobody = { ...owed, payment_method: method, confirm: true, off_session: true };
  const cardless = { ...owed, customer, confirm: true, off_session: true };
  const present = { ...owed, customer, payment_method: method, confirm: true };
  const refused: [Stripe.PaymentIntentCreateParams, object][] = [
    [
      { ...order, amount: 49 },
      { code: 'amount_too_small', param: 'amount' },
    ],
    [{ ...order, capture_method: 'manual' }, { code: 'stand_in_unsupported' }],
    [{ ...order, confirm: false }, { param: 'off_session' }],
    [{ ...order, payment_method: 'pm_none' }, { code: 'resource_missing' }],
    [{ ...order, customer: other }, { param: 'payment_method' }],
    [nobody, { param: 'payment_method' }],
    [cardless, { code: 'payment_intent_unexpected_state' }],
    [present, { param: 'return_url' }],
  ];
  for (const [parameters, expected] of refused) {
    const error = await refusal(paymentIntents.create(parameters));
    expect(error).toMatchObject({ statusCode: 400, ...expected });
  }
  expect((await paymentIntents.list()).data).toEqual([]);
});
