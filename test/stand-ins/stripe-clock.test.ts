import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { aPurchase, openShop, press, WEBHOOK_SECRET } from './stripe-shop.ts';

const MONTH_SECONDS = 31 * 24 * 3600;

test('a clock that was moved dates what is made, and no other server, and outlives a restart', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
  const stateFile = path.join(folder, 'state.json');
  const real = Math.floor(Date.now() / 1000);
  {
    await using shop = await openShop({ stateFile });
    await using other = await openShop();
    await shop.control('/clock', { advance_seconds: MONTH_SECONDS });
    const moved = await shop.stripe.customers.create({});
    expect(moved.created).toBeGreaterThanOrEqual(real + MONTH_SECONDS);
    expect((await other.stripe.customers.create({})).created).toBeLessThan(real + MONTH_SECONDS);
    await expect(shop.control('/clock', { to: real })).rejects.toThrow('moves forward only');
  }
  {
    await using shop = await openShop({ stateFile });
    const moved = await shop.stripe.customers.create({});
    expect(moved.created).toBeGreaterThanOrEqual(real + MONTH_SECONDS);
  }
  await rm(folder, { recursive: true });
});

test('webhooks are signed by real time and a checkout lives by it, however far the clock is', async () => {
  await using shop = await openShop();
  const session = await shop.stripe.checkout.sessions.create(aPurchase());
  await shop.control('/clock', { advance_seconds: MONTH_SECONDS });
  await press(session, 'pay');
  const [arrival] = await shop.arrived(3);
  const signature = String(arrival?.headers['stripe-signature']);
  const event = Stripe.webhooks.constructEvent(arrival?.body ?? '', signature, WEBHOOK_SECRET);
  expect(event.created).toBeGreaterThanOrEqual(session.created + MONTH_SECONDS);
  expect(Number(/t=(\d+)/.exec(signature)?.[1])).toBeLessThan(session.created + MONTH_SECONDS);
});
