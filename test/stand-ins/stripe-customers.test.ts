import { describe, expect, test } from 'vitest';
import { aPurchase, aSetup, openShop, press, refusal } from './stripe-shop.ts';

describe('customers', () => {
  test('are changed, and the event says what was before', async () => {
    await using shop = await openShop();
    const { customers } = shop.stripe;
    const made = await customers.create({ email: 'ada@example.com', metadata: { a: '1', b: '2' } });
    const address = { country: 'DE', line1: 'Weg 1', city: 'Ulm', postal_code: '89073' };
    const changed = await customers.update(made.id, {
      address,
      email: 'ada@example.org',
      metadata: { b: '', c: '3' },
      name: 'Ada',
      tax_exempt: 'reverse',
    });
    expect(changed).toMatchObject({
      address: { ...address, line2: null, state: null },
      email: 'ada@example.org',
      metadata: { a: '1', c: '3' },
      name: 'Ada',
      tax_exempt: 'reverse',
    });
    const [event] = (await shop.stripe.events.list({ type: 'customer.updated' })).data;
    expect(event?.data.previous_attributes).toMatchObject({
      address: null,
      email: 'ada@example.com',
      name: null,
    });
    expect(await customers.update(made.id, { address: '', name: '' })).toMatchObject({
      address: null,
      name: null,
    });
  });

  test('have a default card, which must be theirs', async () => {
    await using shop = await openShop();
    const { customers, checkout } = shop.stripe;
    const { id } = await customers.create();
    await press(await checkout.sessions.create(aSetup({ customer: id })), 'pay');
    const [card] = (await customers.listPaymentMethods(id)).data;
    const invoice_settings = { default_payment_method: card?.id ?? '' };
    const expand = ['invoice_settings.default_payment_method'];
    expect(await customers.update(id, { invoice_settings, expand })).toMatchObject({
      invoice_settings: { default_payment_method: { id: card?.id, card: { last4: '4242' } } },
    });
    const other = await customers.create();
    const error = await refusal(customers.update(other.id, { invoice_settings }));
    expect(error.param).toBe('invoice_settings[default_payment_method]');
    await shop.stripe.paymentMethods.detach(card?.id ?? '');
    expect(await customers.retrieve(id)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
  });

  test('that are deleted stay deleted, and their cards with them', async () => {
    await using shop = await openShop();
    const { customers, checkout, paymentMethods } = shop.stripe;
    const { id } = await customers.create({ email: 'ada@example.com' });
    const setup = await checkout.sessions.create(aSetup({ customer: id }));
    await press(setup, 'pay');
    const [card] = (await customers.listPaymentMethods(id)).data;
    expect(await customers.del(id)).toMatchObject({ id, object: 'customer', deleted: true });
    expect(await customers.retrieve(id)).toMatchObject({ id, deleted: true });
    expect((await customers.list({ email: 'ada@example.com' })).data).toEqual([]);
    expect((await paymentMethods.retrieve(card?.id ?? '')).customer).toBe(null);
    const expand = ['customer'];
    const session = await checkout.sessions.retrieve(setup.id, { expand });
    expect(session.customer).toMatchObject({ id, deleted: true });
    for (const work of [
      customers.del(id),
      customers.update(id, { name: 'Ada' }),
      checkout.sessions.create(aPurchase({ customer: id })),
    ]) {
      expect((await refusal(work)).code).toBe('resource_missing');
    }
    expect((await shop.stripe.events.list({ type: 'customer.deleted' })).data).toMatchObject([
      { data: { object: { id, email: 'ada@example.com' } } },
    ]);
  });

  test('have tax ids, of which those that cannot be are refused', async () => {
    await using shop = await openShop();
    const { customers } = shop.stripe;
    const tax_id_data = [{ type: 'in_gst', value: '27AAPFU0939F1ZV' } as const];
    const { id } = await customers.create({ tax_id_data });
    await customers.createTaxId(id, { type: 'eu_vat', value: 'DE123456789' });
    expect((await customers.listTaxIds(id)).data).toMatchObject([
      { country: 'DE', type: 'eu_vat', value: 'DE123456789' },
      { country: 'IN', type: 'in_gst', customer: id },
    ]);
    const wrong = { tax_id_data: [{ type: 'in_gst', value: 'DE123456789' } as const] };
    expect(await refusal(customers.create(wrong))).toMatchObject({
      code: 'tax_id_invalid',
      param: 'tax_id_data[0][value]',
    });
  });
});
