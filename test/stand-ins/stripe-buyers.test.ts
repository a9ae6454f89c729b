import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { aPurchase, idOf, openShop, refusal } from './stripe-shop.ts';

const TAXED: Partial<Stripe.Checkout.SessionCreateParams> = {
  automatic_tax: { enabled: true },
  billing_address_collection: 'required',
  customer_update: { address: 'auto', name: 'auto' },
  tax_id_collection: { enabled: true },
};

/** Fills in the payment page and presses Pay. */
const fillIn = (url: string | null, fields: Record<string, string>): Promise<Response> =>
  fetch(`${url ?? ''}/pay`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
  });

test('what the buyer says goes to the session, and to a customer who may be changed', async () => {
  await using shop = await openShop();
  const { checkout, customers } = shop.stripe;
  await shop.control('/settings', { tax_percent: 18 });
  const customer = await customers.create({ email: 'ada@example.com', name: 'Ada' });
  const made = await checkout.sessions.create(aPurchase({ ...TAXED, customer: customer.id }));
  const page = await (await fetch(made.url ?? '')).text();
  expect(page).toContain('name="name" autocomplete="name" maxlength="256" value="Ada"');
  const fields = { name: 'Ada Ltd', country: 'IN', postal_code: '400001', tax_id_type: 'in_gst' };
  const wrong = await fillIn(made.url, { ...fields, tax_id: '<b>' });
  expect(wrong.status).toBe(422);
  expect(await wrong.text()).toContain('value="&lt;b&gt;"');
  expect((await fillIn(made.url, { ...fields, tax_id: '27aapfu0939f1zv' })).status).toBe(303);
  const session = await checkout.sessions.retrieve(made.id);
  const tax_ids = [{ type: 'in_gst', value: '27AAPFU0939F1ZV' }];
  expect(session).toMatchObject({
    customer_details: { address: { country: 'IN' }, name: 'Ada Ltd', tax_ids },
    total_details: { amount_tax: 180 },
  });
  expect(await customers.retrieve(customer.id, { expand: ['tax_ids'] })).toMatchObject({
    address: { country: 'IN', postal_code: '400001' },
    name: 'Ada Ltd',
    tax_ids: { data: tax_ids },
  });
  const again = await checkout.sessions.create(aPurchase({ ...TAXED, customer: customer.id }));
  await shop.control(`/sessions/${again.id}/pay`, {});
  expect((await checkout.sessions.retrieve(again.id)).customer_details).toMatchObject({
    address: { country: 'IN' },
    tax_ids,
  });
});

test('a customer who may not be changed keeps name and address', async () => {
  await using shop = await openShop();
  const { checkout, customers } = shop.stripe;
  const address = { country: 'DE' };
  const { id } = await customers.create({ address, name: 'Ada' });
  const parameters = { customer: id, billing_address_collection: 'required' } as const;
  const made = await checkout.sessions.create(aPurchase(parameters));
  const buyer = { address: { country: 'FR' }, name: 'Bob' };
  await shop.control(`/sessions/${made.id}/pay`, { buyer });
  const session = await checkout.sessions.retrieve(made.id, {
    expand: ['payment_intent.latest_charge'],
  });
  expect(session.customer_details).toMatchObject({ ...buyer, tax_ids: [] });
  expect(session.payment_intent).toMatchObject({
    latest_charge: { billing_details: { address: { country: 'FR' }, name: 'Bob' } },
  });
  expect(await customers.retrieve(id)).toMatchObject({ address: { country: 'DE' }, name: 'Ada' });
});

test('a session that would have to change its customer asks for leave to do so', async () => {
  await using shop = await openShop();
  const { checkout, customers } = shop.stripe;
  const { id: customer } = await customers.create();
  const taxed = aPurchase({ customer, automatic_tax: { enabled: true } });
  const { sessions } = checkout;
  expect((await refusal(sessions.create(taxed))).code).toBe('customer_tax_location_invalid');
  const named = aPurchase({ customer, tax_id_collection: { enabled: true } });
  expect((await refusal(sessions.create(named))).param).toBe('customer_update');
});

test('a charge has a receipt, which says what came back', async () => {
  await using shop = await openShop();
  const { charges, checkout, paymentIntents, refunds } = shop.stripe;
  const made = await checkout.sessions.create(
    aPurchase({ payment_intent_data: { description: 'Starter & more' } }),
  );
  await fillIn(made.url, {});
  const { payment_intent } = await checkout.sessions.retrieve(made.id);
  const { latest_charge } = await paymentIntents.retrieve(idOf(payment_intent));
  await refunds.create({ charge: idOf(latest_charge), amount: 250 });
  const { receipt_url } = await charges.retrieve(idOf(latest_charge));
  const receipt = await (await fetch(receipt_url ?? '')).text();
  expect(receipt).toContain('Starter &amp; more');
  expect(receipt).toContain('€2.50');
  expect((await fetch(`${shop.standIn.url}/receipts/ch_none`)).status).toBe(404);
});
