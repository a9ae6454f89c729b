import { expect, test } from 'vitest';
import { aPrice, billingEvents, DAY_SECONDS, endOf, moveTo, subscribe } from './stripe-plans.ts';
import { idOf, openShop, refusal } from './stripe-shop.ts';

/** Sends a form of a page; answers where it leads. */
async function send(url: string, fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams(fields);
  const response = await fetch(url, { method: 'POST', redirect: 'manual', body });
  return new URL(response.headers.get('location') ?? '', url).href;
}

const pageAt = async (url: string): Promise<string> => (await fetch(url)).text();

test('in the portal a customer plans the end and takes it back', async () => {
  await using shop = await openShop();
  const subscription = await subscribe(shop, await aPrice(shop));
  const { id } = subscription;
  const portal = await shop.stripe.billingPortal.sessions.create({
    customer: idOf(subscription.customer),
    return_url: 'http://127.0.0.1:9/plans',
  });
  expect(portal).toMatchObject({
    object: 'billing_portal.session',
    return_url: 'http://127.0.0.1:9/plans',
  });
  const page = await pageAt(portal.url);
  expect(page).toMatch(/<h2>Team<\/h2>\s*<p>€9.00 each month<\/p>\s*<p>Renews on/);
  expect(page).toContain('Visa ···· 4242');
  expect(page).toContain('href="http://127.0.0.1:9/plans"');
  const read = () => shop.stripe.subscriptions.retrieve(id);
  expect(await send(`${portal.url}/cancel`, { subscription: id })).toBe(portal.url);
  expect(await read()).toMatchObject({
    cancel_at: endOf(subscription),
    cancel_at_period_end: true,
  });
  expect(await pageAt(portal.url)).toContain('Keep it');
  await send(`${portal.url}/keep`, { subscription: id });
  expect((await read()).cancel_at_period_end).toBe(false);
  const other = await subscribe(shop, await aPrice(shop));
  await send(`${portal.url}/cancel`, { subscription: other.id });
  expect(await shop.stripe.subscriptions.retrieve(other.id)).toMatchObject({ cancel_at: null });
  const nobody = await refusal(shop.stripe.billingPortal.sessions.create({ customer: 'cus_none' }));
  expect(nobody).toMatchObject({ code: 'resource_missing', param: 'customer' });
});

test('a card that was changed in the portal pays the next try', async () => {
  await using shop = await openShop();
  const card = 'pm_card_chargeCustomerFail';
  const subscription = await subscribe(shop, await aPrice(shop), { card });
  await moveTo(shop, endOf(subscription));
  const portal = await shop.stripe.billingPortal.sessions.create({
    customer: idOf(subscription.customer),
  });
  expect(await pageAt(portal.url)).toContain('The last payment failed.');
  await send(`${portal.url}/card`, { card: 'pm_card_mastercard' });
  await shop.control('/clock', { advance_seconds: 3 * DAY_SECONDS });
  const paid = await shop.stripe.subscriptions.retrieve(subscription.id, {
    expand: ['default_payment_method', 'latest_invoice', 'customer'],
  });
  expect(paid).toMatchObject({
    default_payment_method: { card: { last4: '4444' } },
    latest_invoice: { attempt_count: 2, status: 'paid' },
    status: 'active',
  });
});

test('an open invoice is paid at its page by its owner, who agrees to what the bank asks', async () => {
  await using shop = await openShop();
  const card = 'pm_card_authenticationRequired';
  const subscription = await subscribe(shop, await aPrice(shop), { card });
  await moveTo(shop, endOf(subscription));
  const [open] = (await shop.stripe.invoices.list({ status: 'open' })).data;
  const url = open?.hosted_invoice_url ?? '';
  expect(await pageAt(url)).toMatch(/requires authentication[^]*value="kept" checked/);
  await send(`${url}/decline`, { card: 'kept' });
  expect(await billingEvents(shop)).toContain('invoice.payment_failed');
  expect(await send(`${url}/pay`, { card: 'kept' })).toBe(url);
  expect(await pageAt(url)).toContain('This invoice is paid.');
  await send(`${url}/pay`, { card: 'kept' });
  expect((await billingEvents(shop)).filter((type) => type === 'invoice.paid')).toHaveLength(2);
  expect((await shop.stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
  expect((await fetch(url.replace('/i/', '/i/x'))).status).toBe(404);
});

test('the control API makes the next renewals fail, whatever the card, and no more of them', async () => {
  await using shop = await openShop();
  const subscription = await subscribe(shop, await aPrice(shop));
  const at = `/subscriptions/${subscription.id}/next_payments`;
  await shop.control(at, { behaviour: 'wants_authentication', times: 2 });
  await moveTo(shop, endOf(subscription));
  const read = () =>
    shop.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  expect((await read()).status).toBe('past_due');
  expect((await billingEvents(shop)).at(-2)).toBe('invoice.payment_action_required');
  await shop.control('/clock', { advance_seconds: 3 * DAY_SECONDS });
  expect(await read()).toMatchObject({ latest_invoice: { attempt_count: 2 }, status: 'past_due' });
  await shop.control('/clock', { advance_seconds: 5 * DAY_SECONDS });
  expect(await read()).toMatchObject({ latest_invoice: { status: 'paid' }, status: 'active' });
});
