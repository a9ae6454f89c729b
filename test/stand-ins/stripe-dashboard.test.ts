import { expect, test } from 'vitest';
import { aPurchase, openShop, press, type Shop } from './stripe-shop.ts';

const pageOf = async (shop: Shop): Promise<string> => (await fetch(`${shop.standIn.url}/`)).text();

/** Presses a button of the page at `/`. */
const push = (shop: Shop, path: string, amount = ''): Promise<Response> =>
  fetch(shop.standIn.url + path, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ amount }),
  });

test('a person disputes, refunds and wins by the buttons of the page of payments', async () => {
  await using shop = await openShop();
  expect(await pageOf(shop)).toContain('Nothing was paid yet');
  const description = '<i>Starter</i>';
  const data = { payment_intent_data: { description } };
  await press(await shop.stripe.checkout.sessions.create(aPurchase(data)), 'pay');
  const [charge] = (await shop.stripe.charges.list()).data;
  const at = `/payments/${charge?.id ?? ''}`;
  const page = await pageOf(shop);
  expect(page).toContain('&lt;i&gt;Starter&lt;/i&gt;');
  expect(page).not.toMatch(/<script|<style|style=|onclick/);
  expect((await push(shop, `${at}/refund`, '2.50')).status).toBe(303);
  const refused = await push(shop, `${at}/refund`, '7.51');
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain('greater than unrefunded amount');
  expect(await (await push(shop, `${at}/refund`, '1e3')).text()).toContain('not an amount: 1e3');
  await push(shop, `${at}/dispute`, '5');
  const [dispute] = (await shop.stripe.disputes.list()).data;
  expect(dispute).toMatchObject({ amount: 500, status: 'needs_response' });
  expect(await pageOf(shop)).not.toContain(`${at}/refund`);
  await push(shop, `/disputes/${dispute?.id ?? ''}/won`);
  expect((await shop.stripe.disputes.retrieve(dispute?.id ?? '')).status).toBe('won');
  const [refund] = (await shop.stripe.refunds.list()).data;
  await push(shop, `/refunds/${refund?.id ?? ''}/failed`);
  expect(await pageOf(shop)).toContain('Refund of €2.50: failed');
  await push(shop, '/settings/refunds_pending');
  expect((await shop.stripe.refunds.create({ charge: charge?.id ?? '' })).status).toBe('pending');
});

test('a form of another site does nothing on the page of payments', async () => {
  await using shop = await openShop();
  await press(await shop.stripe.checkout.sessions.create(aPurchase()), 'pay');
  const [charge] = (await shop.stripe.charges.list()).data;
  const answer = await fetch(`${shop.standIn.url}/payments/${charge?.id ?? ''}/refund`, {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
  });
  expect(answer.status).toBe(403);
  expect((await shop.stripe.refunds.list()).data).toEqual([]);
});
