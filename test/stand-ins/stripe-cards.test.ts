import { expect, test } from 'vitest';
import { aPurchase, aSetup, idOf, openShop, press, refusal, type Shop } from './stripe-shop.ts';

const typesOf = async (shop: Shop): Promise<string[]> =>
  (await shop.stripe.events.list()).data.map(({ type }) => type).toReversed();

test('a purchase that says so keeps the card on its customer', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  const made = await stripe.checkout.sessions.create(
    aPurchase({
      customer: customer.id,
      payment_intent_data: { setup_future_usage: 'off_session' },
    }),
  );
  await press(made, 'pay');
  const { data } = await stripe.customers.listPaymentMethods(customer.id);
  expect(data).toMatchObject([
    { type: 'card', customer: customer.id, card: { brand: 'visa', last4: '4242' } },
  ]);
  expect(await stripe.paymentMethods.retrieve(data[0]?.id ?? '')).toMatchObject({
    billing_details: { email: 'ada@example.com' },
  });
  expect(await typesOf(shop)).toContain('payment_method.attached');
  const plain = await stripe.checkout.sessions.create(aPurchase({ customer: customer.id }));
  await press(plain, 'pay');
  expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1);
});

test('a session in setup mode saves a card, and its SetupIntent carries the metadata', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const customer = await stripe.customers.create();
  const made = await stripe.checkout.sessions.create(
    aSetup({ customer: customer.id, setup_intent_data: { metadata: { wallet: '1' } } }),
  );
  expect(made).toMatchObject({
    amount_total: null,
    mode: 'setup',
    payment_intent: null,
    payment_status: 'no_payment_required',
  });
  const location = `http://127.0.0.1:9/thanks?session=${made.id}`;
  const card = 'pm_card_authenticationRequired';
  expect(await press(made, 'pay', 'at_once', card)).toEqual({ status: 303, location });
  const session = await stripe.checkout.sessions.retrieve(made.id, {
    expand: ['setup_intent.payment_method'],
  });
  expect(session).toMatchObject({
    status: 'complete',
    setup_intent: {
      customer: customer.id,
      metadata: { wallet: '1' },
      payment_method: { card: { last4: '3184' }, customer: customer.id },
      status: 'succeeded',
      usage: 'off_session',
    },
  });
  expect(await typesOf(shop)).toEqual([
    'setup_intent.created',
    'payment_method.attached',
    'setup_intent.succeeded',
    'checkout.session.completed',
  ]);
});

test('a card that is not kept leaves the session open; an expired one takes its intent along', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const customer = await stripe.customers.create();
  const made = await stripe.checkout.sessions.create(aSetup({ customer: customer.id }));
  await press(made, 'decline');
  expect(await (await fetch(made.url ?? '')).text()).toContain('The card was declined');
  const declined = await stripe.setupIntents.retrieve(idOf(made.setup_intent));
  expect(declined).toMatchObject({
    last_setup_error: { code: 'card_declined', type: 'card_error' },
    status: 'requires_payment_method',
  });
  await stripe.checkout.sessions.expire(made.id);
  expect((await stripe.setupIntents.retrieve(declined.id)).status).toBe('canceled');
  expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
});

test('the same card has the same fingerprint, another card another one', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const customer = await stripe.customers.create();
  for (const card of ['pm_card_visa', 'pm_card_visa', 'pm_card_mastercard']) {
    const made = await stripe.checkout.sessions.create(aSetup({ customer: customer.id }));
    await press(made, 'pay', 'at_once', card);
  }
  const { data } = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
  const [third, second, first] = data.map(({ card }) => card?.fingerprint);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
  expect(new Set(data.map(({ id }) => id)).size).toBe(3);
});

test('a card that is detached is on no customer, and cannot be detached again', async () => {
  await using shop = await openShop();
  const { stripe } = shop;
  const customer = await stripe.customers.create();
  const made = await stripe.checkout.sessions.create(aSetup({ customer: customer.id }));
  await press(made, 'pay');
  const [card] = (await stripe.customers.listPaymentMethods(customer.id)).data;
  expect((await stripe.paymentMethods.detach(card?.id ?? '')).customer).toBe(null);
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toEqual([]);
  expect((await refusal(stripe.paymentMethods.detach(card?.id ?? ''))).statusCode).toBe(400);
  const [event] = (await stripe.events.list({ type: 'payment_method.detached' })).data;
  expect(event?.data.previous_attributes).toEqual({ customer: customer.id });
});

test('what belongs to another mode is refused', async () => {
  await using shop = await openShop();
  const { sessions } = shop.stripe.checkout;
  const { line_items = [], success_url = '' } = aPurchase();
  expect((await refusal(sessions.create(aSetup({ line_items })))).param).toBe('line_items');
  expect((await refusal(sessions.create({ mode: 'setup', success_url }))).param).toBe('currency');
  const setup_intent_data = { description: 'A card' };
  const error = await refusal(sessions.create(aPurchase({ setup_intent_data })));
  expect(error.param).toBe('setup_intent_data');
});
