import { expect, test } from 'vitest';
import { aPurchase, openShop, press, refusal } from './stripe-shop.ts';

test('a price of the catalogue is found by its lookup key, which moves to the next one', async () => {
  await using shop = await openShop();
  const { prices, products } = shop.stripe;
  const product = await products.create({ name: 'Team', metadata: { plan: 'team' } });
  const monthly = {
    currency: 'eur',
    unit_amount: 900,
    lookup_key: 'team_month',
    product: product.id,
    recurring: { interval: 'month' },
  } as const;
  const first = await prices.create(monthly);
  expect(first).toMatchObject({
    active: true,
    type: 'recurring',
    recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
    unit_amount: 900,
  });
  const taken = await refusal(prices.create({ ...monthly, unit_amount: 1100 }));
  expect(taken).toMatchObject({ statusCode: 400, param: 'lookup_key' });
  const second = await prices.create({ ...monthly, unit_amount: 1100, transfer_lookup_key: true });
  await prices.update(first.id, { active: false });
  const found = await prices.list({
    lookup_keys: ['team_month'],
    active: true,
    product: product.id,
  });
  expect(found.data.map(({ id }) => id)).toEqual([second.id]);
  expect(await prices.retrieve(first.id, { expand: ['product'] })).toMatchObject({
    active: false,
    lookup_key: null,
    product: { name: 'Team', metadata: { plan: 'team' } },
  });
});

test('a product comes with its price, is changed, and its own id is taken once', async () => {
  await using shop = await openShop();
  const { prices, products } = shop.stripe;
  const price = await prices.create({
    currency: 'jpy',
    unit_amount: 500,
    product_data: { id: 'prod_pack', name: 'Pack' },
  });
  expect(price).toMatchObject({ product: 'prod_pack', type: 'one_time', recurring: null });
  const taken = await refusal(products.create({ id: 'prod_pack', name: 'Another' }));
  expect(taken).toMatchObject({ statusCode: 400, code: 'resource_already_exists' });
  await products.update('prod_pack', { name: 'Packet', metadata: { a: '1', b: '2' } });
  await products.update('prod_pack', { active: false, metadata: { a: '' } });
  expect(await products.retrieve('prod_pack')).toMatchObject({
    active: false,
    name: 'Packet',
    metadata: { b: '2' },
  });
  expect((await products.list({ active: false })).data).toHaveLength(1);
  const both = await refusal(
    prices.create({ currency: 'eur', unit_amount: 1, product: 'x', product_data: { name: 'x' } }),
  );
  expect(both.code).toBe('parameter_missing');
});

test('a checkout sells a price of the catalogue, unless it is inactive or recurring', async () => {
  await using shop = await openShop();
  const { prices, checkout } = shop.stripe;
  const price = await prices.create({
    currency: 'eur',
    unit_amount: 700,
    product_data: { name: 'Pack' },
  });
  const buy = (id: string) =>
    checkout.sessions.create(aPurchase({ line_items: [{ price: id, quantity: 3 }] }));
  const session = await buy(price.id);
  expect(session.amount_total).toBe(2100);
  await press(session, 'pay');
  const lines = await checkout.sessions.listLineItems(session.id, {
    expand: ['data.price.product'],
  });
  expect(lines.data[0]).toMatchObject({ price: { id: price.id, product: { name: 'Pack' } } });
  await prices.update(price.id, { active: false });
  expect((await refusal(buy(price.id))).message).toContain('inactive');
  const monthly = await prices.create({
    currency: 'eur',
    unit_amount: 700,
    recurring: { interval: 'month' },
    product_data: { name: 'Plan' },
  });
  expect((await refusal(buy(monthly.id))).message).toContain('`payment` mode');
});
