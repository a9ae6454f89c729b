import { describe, expect, test } from 'vitest';
import { aPurchase, connect, openShop, refusal, SECRET_KEY, type Shop } from './stripe-shop.ts';

/** A request without the SDK, which sends nothing wrong by itself. */
function post(shop: Shop, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${shop.standIn.url}/v1/checkout/sessions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SECRET_KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body,
  });
}

describe('refusals', () => {
  const refused: [string, object, { code?: string; param?: string; message?: string }][] = [
    ['an unknown parameter', { colour: 'red' }, { code: 'parameter_unknown', param: 'colour' }],
    [
      'a parameter that the API has dropped',
      { payment_method_types: ['card'] },
      { code: 'parameter_unknown', param: 'payment_method_types' },
    ],
    [
      'an unknown parameter deep inside',
      { payment_intent_data: { metadata: {}, note: 'x' } },
      { code: 'parameter_unknown', param: 'payment_intent_data[note]' },
    ],
    [
      'an unknown enum value',
      { mode: 'paymnet' },
      { param: 'mode', message: 'Invalid mode: must be one of payment, setup, or subscription' },
    ],
    [
      'a parameter that the stand-in does not do',
      { discounts: [{ coupon: 'x' }] },
      { code: 'stand_in_unsupported', param: 'discounts' },
    ],
    [
      'a way of showing it that the stand-in does not do',
      { ui_mode: 'elements' },
      { code: 'stand_in_unsupported' },
    ],
    ['a missing parameter', { mode: undefined }, { code: 'parameter_missing', param: 'mode' }],
    ['no lines', { line_items: undefined }, { code: 'parameter_missing', param: 'line_items' }],
    [
      'an array that is none',
      { line_items: 'x' },
      { param: 'line_items', message: 'Invalid array' },
    ],
    ['an empty text', { customer: '' }, { code: 'parameter_invalid_empty', param: 'customer' }],
    [
      'an address that is none',
      { cancel_url: '/back' },
      { code: 'url_invalid', param: 'cancel_url' },
    ],
    [
      'an email that is none',
      { customer_email: 'ada' },
      { code: 'email_invalid', param: 'customer_email' },
    ],
    [
      'a customer that is not there',
      { customer: 'cus_none' },
      { code: 'resource_missing', param: 'customer', message: "No such customer: 'cus_none'" },
    ],
    [
      'a boolean that is none',
      { automatic_tax: { enabled: 'yes' } },
      { message: 'Invalid boolean: yes' },
    ],
    ['an expiry too soon', { expires_at: 1 }, { param: 'expires_at' }],
    ['metadata that is too long', { metadata: { a: 'x'.repeat(501) } }, { param: 'metadata[a]' }],
    ['a field that cannot be expanded', { expand: ['nothing'] }, { param: 'expand' }],
  ];

  test.each(refused)('%s is refused in the form of Stripe', async (_, change, expected) => {
    await using shop = await openShop();
    const parameters = { ...aPurchase(), ...change };
    const error = await refusal(shop.stripe.checkout.sessions.create(parameters));
    expect(error).toMatchObject({
      type: 'StripeInvalidRequestError',
      rawType: 'invalid_request_error',
      statusCode: 400,
      ...expected,
    });
    expect((await shop.stripe.checkout.sessions.list()).data).toEqual([]);
  });

  const lines: [string, object, string | undefined, string][] = [
    ['half a cent', { unit_amount: 10.5 }, 'parameter_invalid_integer', 'unit_amount'],
    ['a negative price', { unit_amount: -1 }, 'parameter_invalid_integer', 'unit_amount'],
    ['a currency that is none', { currency: 'eux' }, undefined, 'currency'],
    ['no name of the product', { product_data: {} }, 'parameter_missing', 'product_data'],
  ];

  test.each(lines)('a line with %s is refused', async (_, change, code, name) => {
    await using shop = await openShop();
    const price_data = {
      currency: 'eur',
      unit_amount: 500,
      product_data: { name: 'Starter' },
      ...change,
    };
    const line_items = [{ quantity: 1, price_data }];
    const error = await refusal(shop.stripe.checkout.sessions.create(aPurchase({ line_items })));
    expect(error.statusCode).toBe(400);
    expect(error.code).toBe(code);
    expect(error.param).toBe(`line_items[0][price_data][${name}]`);
  });

  test('a total below the least charge of its currency is too small', async () => {
    await using shop = await openShop();
    const lineOf = (currency: string, unit_amount: number) => ({
      line_items: [
        { quantity: 1, price_data: { currency, unit_amount, product_data: { name: 'A' } } },
      ],
    });
    const { sessions } = shop.stripe.checkout;
    const cents = await refusal(sessions.create(aPurchase(lineOf('usd', 49))));
    expect(cents.code).toBe('amount_too_small');
    const kroner = await refusal(sessions.create(aPurchase(lineOf('dkk', 249))));
    expect(kroner.code).toBe('amount_too_small');
    expect((await sessions.create(aPurchase(lineOf('usd', 50)))).amount_total).toBe(50);
  });

  test('a missing or wrong key is 401 and does not show the key', async () => {
    await using shop = await openShop();
    const wrong = await refusal(connect(shop.standIn.url, 'sk_test_of_another').customers.create());
    expect(wrong).toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 });
    expect(wrong.message).not.toContain('sk_test_of_another');
    const none = await fetch(`${shop.standIn.url}/v1/events`);
    expect(none.status).toBe(401);
    expect(none.headers.get('request-id')).toMatch(/^req_/);
  });

  test('an object that is not there is 404, and so is an address that is none', async () => {
    await using shop = await openShop();
    const { stripe } = shop;
    for (const work of [
      stripe.checkout.sessions.retrieve('cs_test_none'),
      stripe.customers.retrieve('cus_none'),
      stripe.paymentIntents.retrieve('pi_none'),
      stripe.events.retrieve('evt_none'),
    ]) {
      expect(await refusal(work)).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    }
    expect(await refusal(stripe.payouts.list())).toMatchObject({
      statusCode: 404,
      message: 'Unrecognized request URL (GET: /v1/payouts).',
    });
  });

  test('JSON, a parameter given twice and another API version are refused', async () => {
    await using shop = await openShop();
    const json = await post(shop, '{"mode":"payment"}', { 'content-type': 'application/json' });
    const twice = await post(shop, 'mode=payment&mode=setup');
    const version = await post(shop, '', { 'stripe-version': '2020-08-27' });
    const proto = await post(shop, 'mode=payment&__proto__[mode]=setup');
    expect([json.status, twice.status, version.status, proto.status]).toEqual([400, 400, 400, 400]);
    expect(await version.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});
