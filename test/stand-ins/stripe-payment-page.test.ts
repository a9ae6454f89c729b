import { get } from 'node:http';
import { describe, expect, test } from 'vitest';
import { aPurchase, idOf, openShop, press, WEBHOOK_SECRET } from './stripe-shop.ts';

const textOf = async (url: string | null): Promise<string> => (await fetch(url ?? '')).text();

describe('paying', () => {
  test('Pay completes the session, leads to the shop and sends signed webhooks', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(
      aPurchase({
        metadata: { payment_id: '1' },
        payment_intent_data: { metadata: { payment_id: '1' }, description: 'Starter' },
      }),
    );
    expect(await press(made, 'pay')).toEqual({
      status: 303,
      location: `http://127.0.0.1:9/thanks?session=${made.id}`,
    });
    const session = await shop.stripe.checkout.sessions.retrieve(made.id);
    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      customer_details: { email: 'buyer@example.com' },
    });
    const intent = await shop.stripe.paymentIntents.retrieve(idOf(session.payment_intent));
    expect(intent).toMatchObject({
      object: 'payment_intent',
      amount: 1000,
      amount_received: 1000,
      currency: 'eur',
      description: 'Starter',
      metadata: { payment_id: '1' },
      status: 'succeeded',
    });
    const arrivals = await shop.arrived(3);
    const events = arrivals.map(({ body, headers }) =>
      shop.stripe.webhooks.constructEvent(body, headers['stripe-signature'] ?? '', WEBHOOK_SECRET),
    );
    expect(events.map((event) => event.type).sort()).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.succeeded',
    ]);
    const completed = events.find((event) => event.type === 'checkout.session.completed');
    expect(completed).toMatchObject({
      object: 'event',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      data: { object: { id: made.id, payment_status: 'paid', metadata: { payment_id: '1' } } },
    });
    expect(await shop.stripe.events.retrieve(completed?.id ?? '')).toMatchObject({
      type: 'checkout.session.completed',
      data: { object: { id: made.id } },
    });
  });

  test('paying twice at once pays once and leads to the shop both times', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    const both = await Promise.all([press(made, 'pay'), press(made, 'pay')]);
    const thanks = `http://127.0.0.1:9/thanks?session=${made.id}`;
    expect(both.map(({ location }) => location)).toEqual([thanks, thanks]);
    expect((await shop.stripe.events.list()).data).toHaveLength(3);
  });

  test('a declined card leaves the session open, says so and can be tried again', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    expect(await press(made, 'decline')).toEqual({ status: 303, location: `/c/pay/${made.id}` });
    expect(await textOf(made.url)).toContain('The card was declined');
    expect((await shop.arrived(2)).map(({ type }) => type).sort()).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
    ]);
    const declined = await shop.stripe.checkout.sessions.retrieve(made.id, {
      expand: ['payment_intent'],
    });
    expect(declined).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: {
        status: 'requires_payment_method',
        last_payment_error: { code: 'card_declined', type: 'card_error' },
      },
    });
    await press(made, 'pay');
    const paid = await shop.stripe.checkout.sessions.retrieve(made.id, {
      expand: ['payment_intent'],
    });
    expect(paid).toMatchObject({
      payment_status: 'paid',
      payment_intent: { status: 'succeeded', last_payment_error: null },
    });
  });

  test('Cancel leads back and leaves the session open', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    expect(await press(made, 'cancel')).toEqual({
      status: 303,
      location: 'http://127.0.0.1:9/back',
    });
    expect((await shop.stripe.checkout.sessions.retrieve(made.id)).status).toBe('open');
    expect((await shop.stripe.events.list()).data).toEqual([]);
  });

  test('an expired session says so and cannot be paid', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    await shop.stripe.checkout.sessions.expire(made.id);
    expect(await press(made, 'pay')).toEqual({ status: 303, location: `/c/pay/${made.id}` });
    expect(await textOf(made.url)).toContain('This checkout has expired');
    expect((await shop.stripe.checkout.sessions.retrieve(made.id)).payment_status).toBe('unpaid');
  });

  test('a payment that comes later is unpaid until it is settled', async () => {
    await using shop = await openShop();
    const { sessions } = shop.stripe.checkout;
    const good = await sessions.create(aPurchase());
    await shop.control(`/sessions/${good.id}/pay`, { later: true });
    expect(await sessions.retrieve(good.id)).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
    });
    await shop.control(`/sessions/${good.id}/settle`, { succeeds: true });
    expect((await sessions.retrieve(good.id)).payment_status).toBe('paid');
    const bad = await sessions.create(aPurchase());
    await shop.control(`/sessions/${bad.id}/pay`, { later: true });
    await shop.control(`/sessions/${bad.id}/settle`, { succeeds: false });
    expect((await sessions.retrieve(bad.id)).payment_status).toBe('unpaid');
    const types = (await shop.arrived(10)).map(({ type }) => type);
    expect(types).toContain('checkout.session.async_payment_succeeded');
    expect(types).toContain('checkout.session.async_payment_failed');
  });

  test('automatic tax is added on top of a price, or is within it', async () => {
    await using shop = await openShop();
    await shop.control('/settings', { tax_percent: 19 });
    const pay = async (tax_behavior: 'exclusive' | 'inclusive') => {
      const price_data = {
        currency: 'eur',
        unit_amount: 1000,
        tax_behavior,
        product_data: { name: 'Starter' },
      };
      const line_items = [{ quantity: 1, price_data }];
      const made = await shop.stripe.checkout.sessions.create(
        aPurchase({ line_items, automatic_tax: { enabled: true } }),
      );
      expect(made).toMatchObject({ amount_total: 1000, total_details: { amount_tax: 0 } });
      await press(made, 'pay');
      return shop.stripe.checkout.sessions.retrieve(made.id, { expand: ['payment_intent'] });
    };
    expect(await pay('exclusive')).toMatchObject({
      amount_subtotal: 1000,
      amount_total: 1190,
      total_details: { amount_tax: 190 },
      automatic_tax: { status: 'complete' },
      payment_intent: { amount: 1190 },
    });
    expect(await pay('inclusive')).toMatchObject({
      amount_total: 1000,
      total_details: { amount_tax: 160 },
    });
  });
});

describe('the payment page', () => {
  test('shows the order, escaped, and that no money moves', async () => {
    await using shop = await openShop();
    const price_data = {
      currency: 'jpy',
      unit_amount: 1500,
      product_data: { name: '<script>alert(1)</script>', description: '"&\'' },
    };
    const made = await shop.stripe.checkout.sessions.create(
      aPurchase({ line_items: [{ quantity: 2, price_data }] }),
    );
    const page = await textOf(made.url);
    expect(page).toContain('Simulated payment: no money moves');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&quot;&amp;&#39;');
    expect(page).toContain('¥3,000');
    expect(page).not.toMatch(/<script|<style|style=|onclick/);
    await press(made, 'pay');
    expect(await textOf(made.url)).toContain('This order is paid');
  });

  test('allows forms to itself and to the two addresses of the shop only', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(
      aPurchase({ success_url: 'https://shop.example/thanks', cancel_url: 'http://127.0.0.1:9/' }),
    );
    const response = await fetch(made.url ?? '');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https://shop.example http://127.0.0.1:9; base-uri 'none'; frame-ancestors 'none'",
    );
    const sheet = await fetch(`${shop.standIn.url}/payment-page.css`);
    expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8');
  });

  test('of an unknown session is 404', async () => {
    await using shop = await openShop();
    expect((await fetch(`${shop.standIn.url}/c/pay/cs_test_none`)).status).toBe(404);
  });
});

describe('other sites', () => {
  test('a Host that is not this computer is refused on every address', async () => {
    await using shop = await openShop();
    const statusFor = (path: string, host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const { port } = shop.standIn;
        get({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
    for (const path of ['/v1/events', '/_control/events', '/payment-page.css']) {
      expect(await statusFor(path, 'evil.example')).toBe(421);
      expect(await statusFor(path, '127.0.0.1.evil.example:80')).toBe(421);
    }
    expect(await statusFor('/_control/events', 'localhost:1')).toBe(200);
  });

  test('a form of another site neither pays nor reaches the control API', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    const pay = await fetch(`${made.url ?? ''}/pay`, {
      method: 'POST',
      headers: { origin: 'http://evil.example' },
    });
    const control = await fetch(`${shop.standIn.url}/_control/sessions/${made.id}/pay`, {
      method: 'POST',
      body: new URLSearchParams({ later: 'false' }),
    });
    expect([pay.status, control.status]).toEqual([403, 415]);
    expect((await shop.stripe.checkout.sessions.retrieve(made.id)).status).toBe('open');
  });
});
