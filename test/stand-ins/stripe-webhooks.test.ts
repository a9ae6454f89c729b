import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startStripeStandIn } from '../../stand-ins/stripe/stand-in.ts';
import {
  aPurchase,
  callControl,
  connect,
  idOf,
  openEndpoint,
  openShop,
  press,
  SECRET_KEY,
  WEBHOOK_SECRET,
  type Arrival,
  type Shop,
} from './stripe-shop.ts';

const eventList = z.array(
  z.object({
    number: z.int(),
    id: z.string(),
    type: z.string(),
    object_id: z.string(),
    deliveries: z.array(
      z.object({
        state: z.string(),
        attempts: z.array(z.object({ mode: z.string(), status: z.int().nullable() })),
      }),
    ),
  }),
);
const sentList = z.array(z.object({ event: z.string(), status: z.int().nullable() }));

async function eventsOf(shop: Shop): Promise<z.output<typeof eventList>> {
  return eventList.parse(await shop.control('/events'));
}

/** A paid session none of whose webhooks has been sent; answers the id of its completion event. */
async function paidInSilence(shop: Shop): Promise<string> {
  const made = await shop.stripe.checkout.sessions.create(aPurchase());
  await press(made, 'pay', 'never');
  const events = await eventsOf(shop);
  return events.find(({ type }) => type === 'checkout.session.completed')?.id ?? '';
}

function verify(shop: Shop, { body, headers }: Arrival): string {
  const signature = headers['stripe-signature'] ?? '';
  return shop.stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET).id;
}

describe('delivery', () => {
  test('an event is sent again until the endpoint answers with a 2xx; a redirect is none', async () => {
    const answers = [500, 302, 204];
    await using shop = await openShop({ answer: () => answers.shift() ?? 200 });
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    await shop.stripe.checkout.sessions.expire(made.id);
    const arrivals = await shop.arrived(3);
    expect(new Set(arrivals.map((arrival) => verify(shop, arrival))).size).toBe(1);
    expect(new Set(arrivals.map(({ body }) => body)).size).toBe(1);
    await expect
      .poll(() => eventsOf(shop), { timeout: 15_000 })
      .toMatchObject([
        {
          deliveries: [
            { state: 'delivered', attempts: [{ status: 500 }, { status: 302 }, { status: 204 }] },
          ],
        },
      ]);
    expect((await shop.stripe.events.list()).data[0]?.pending_webhooks).toBe(0);
  });

  test('the buyer can have the webhook come five times', async () => {
    await using shop = await openShop();
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    await press(made, 'pay', 'five_times');
    const arrivals = await shop.arrived(15);
    const completed = arrivals.filter(({ type }) => type === 'checkout.session.completed');
    expect(completed).toHaveLength(5);
    expect(new Set(completed.map(({ id }) => id)).size).toBe(1);
  });

  test('the buyer can have the webhook come late, or never', async () => {
    await using shop = await openShop();
    const late = await shop.stripe.checkout.sessions.create(aPurchase());
    await press(late, 'pay', 'after_10_seconds');
    const never = await shop.stripe.checkout.sessions.create(aPurchase());
    await press(never, 'pay', 'never');
    const states = (await eventsOf(shop)).map(({ deliveries }) => deliveries[0]?.state);
    expect(states).toEqual(['pending', 'pending', 'pending', 'held', 'held', 'held']);
    expect(shop.arrivals).toEqual([]);
  });

  test('the settings decide how webhooks come when nothing else is said', async () => {
    await using shop = await openShop();
    await shop.control('/settings', { hold: true, copies: 2 });
    const made = await shop.stripe.checkout.sessions.create(aPurchase());
    await shop.control(`/sessions/${made.id}/pay`, {});
    const held = (await eventsOf(shop)).map(({ deliveries }) =>
      deliveries.map(({ state }) => state),
    );
    expect(held).toEqual([
      ['held', 'held'],
      ['held', 'held'],
      ['held', 'held'],
    ]);
  });
});

describe('delivery on demand', () => {
  test('held events are sent in the order that is asked for', async () => {
    await using shop = await openShop();
    await paidInSilence(shop);
    const sent = sentList.parse(await shop.control('/deliver', { events: [3, 1, 2] }));
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(shop.arrivals.map(({ type }) => type)).toEqual([
      'checkout.session.completed',
      'charge.succeeded',
      'payment_intent.succeeded',
    ]);
    const states = (await eventsOf(shop)).map(({ deliveries }) => deliveries[0]?.state);
    expect(states).toEqual(['delivered', 'delivered', 'delivered']);
  });

  test('twice and parallel:20 send one event that often', async () => {
    await using shop = await openShop();
    const id = await paidInSilence(shop);
    await shop.control(`/events/${id}/deliver`, { mode: 'twice' });
    await shop.control(`/events/${id}/deliver`, { mode: 'parallel:20' });
    expect(shop.arrivals).toHaveLength(22);
    expect(new Set(shop.arrivals.map((arrival) => verify(shop, arrival)))).toEqual(new Set([id]));
  });

  test('distinct:5 sends five events with ids of their own for one object', async () => {
    await using shop = await openShop();
    const id = await paidInSilence(shop);
    await shop.control(`/events/${id}/deliver`, { mode: 'distinct:5' });
    const ids = new Set(shop.arrivals.map((arrival) => verify(shop, arrival)));
    expect(ids.size).toBe(5);
    expect(ids.has(id)).toBe(true);
    const events = (await eventsOf(shop)).filter((event) => ids.has(event.id));
    expect(new Set(events.map(({ object_id }) => object_id)).size).toBe(1);
    for (const one of ids) expect((await shop.stripe.events.retrieve(one)).id).toBe(one);
  });

  test.each(['nosig', 'wrongsecret', 'altered', 'old'])(
    'an event sent with %s does not pass the check of its signature, and stays held',
    async (mode) => {
      await using shop = await openShop();
      const id = await paidInSilence(shop);
      await shop.control(`/events/${id}/deliver`, { mode });
      const [arrival] = await shop.arrived(1);
      if (arrival === undefined) throw new Error('Nothing arrived');
      expect(() => verify(shop, arrival)).toThrow();
      expect((await eventsOf(shop)).find((event) => event.id === id)?.deliveries).toMatchObject([
        { state: 'held', attempts: [{ mode, status: 200 }] },
      ]);
    },
  );

  test('an event of any type can be made from any object', async () => {
    await using shop = await openShop();
    await shop.control('/events', {
      type: 'charge.dispute.created',
      object: { id: 'dp_1', object: 'dispute', amount: 1000 },
      livemode: true,
    });
    const [arrival] = await shop.arrived(1);
    expect(arrival?.type).toBe('charge.dispute.created');
    expect(JSON.parse(arrival?.body ?? '')).toMatchObject({
      livemode: true,
      data: { object: { id: 'dp_1', amount: 1000 } },
    });
  });

  test('an unknown mode or event is refused', async () => {
    await using shop = await openShop();
    const id = await paidInSilence(shop);
    await expect(shop.control(`/events/${id}/deliver`, { mode: 'thrice' })).rejects.toThrow('once');
    await expect(shop.control('/events/evt_none/deliver', {})).rejects.toThrow('No such event');
  });
});

/** What the first state files held, and of a checkout. */
const State = z.object({
  version: z.literal(1),
  origin: z.string(),
  settings: z.object({
    delay_ms: z.unknown(),
    copies: z.unknown(),
    hold: z.unknown(),
    tax_percent: z.unknown(),
  }),
  customers: z.unknown(),
  checkouts: z.array(z.unknown()),
  intents: z.unknown(),
  charges: z.unknown(),
  events: z.unknown(),
  deliveries: z.unknown(),
  answers: z.unknown(),
});
const Checkout = z.object({
  session: z.unknown(),
  items: z.unknown(),
  products: z.unknown(),
  intent_data: z.unknown(),
});

describe('the state file', () => {
  test('what was paid and not delivered is delivered after a restart', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
    await using shop = await openShop({
      answer: () => 503,
      stateFile: path.join(folder, 'state.json'),
    });
    const { sessions } = shop.stripe.checkout;
    const open = await sessions.create(aPurchase(), { idempotencyKey: 'payment:1' });
    const paid = await sessions.create(aPurchase());
    await press(paid, 'pay');
    await shop.arrived(3);
    await shop.standIn.close();

    await using endpoint = await openEndpoint(() => 200);
    const again = await startStripeStandIn({
      webhookUrl: endpoint.url,
      webhookSecret: WEBHOOK_SECRET,
      secretKey: SECRET_KEY,
      stateFile: path.join(folder, 'state.json'),
    });
    const stripe = connect(again.url);
    expect((await endpoint.arrived(3)).map(({ id }) => id).sort()).toEqual(
      shop.arrivals.map(({ id }) => id).sort(),
    );
    expect((await stripe.checkout.sessions.retrieve(paid.id)).payment_status).toBe('paid');
    const replayed = await stripe.checkout.sessions.create(aPurchase(), {
      idempotencyKey: 'payment:1',
    });
    expect(replayed.id).toBe(open.id);
    // The port is another one, and the address of the page goes along.
    expect(replayed.url).toBe(`${again.url}/c/pay/${open.id}`);
    expect(await callControl(again.url, '/settings')).toMatchObject({ hold: false });
    await again.close();
    await rm(folder, { recursive: true });
  });

  test('one that an earlier version wrote is read, and its payments can be refunded', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
    const stateFile = path.join(folder, 'state.json');
    const first = await openShop({ stateFile });
    const made = await first.stripe.checkout.sessions.create(aPurchase());
    await press(made, 'pay');
    await first[Symbol.asyncDispose]();
    const { checkouts, ...state } = State.parse(JSON.parse(await readFile(stateFile, 'utf8')));
    const earlier = { ...state, checkouts: checkouts.map((one) => Checkout.parse(one)) };
    await writeFile(stateFile, JSON.stringify(earlier));

    await using shop = await openShop({ stateFile });
    const { payment_intent } = await shop.stripe.checkout.sessions.retrieve(made.id);
    const refund = await shop.stripe.refunds.create({ payment_intent: idOf(payment_intent) });
    expect(refund).toMatchObject({ amount: 1000, status: 'succeeded' });
    await rm(folder, { recursive: true });
  });

  test('a session whose time ran out while the server was down expires when it is up again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
    const stateFile = path.join(folder, 'state.json');
    const first = await openShop({ stateFile });
    const made = await first.stripe.checkout.sessions.create(aPurchase());
    await first[Symbol.asyncDispose]();
    const state = await readFile(stateFile, 'utf8');
    await writeFile(stateFile, state.replaceAll(String(made.expires_at), String(made.created)));

    await using shop = await openShop({ stateFile });
    expect((await shop.arrived(1))[0]?.type).toBe('checkout.session.expired');
    expect((await shop.stripe.checkout.sessions.retrieve(made.id)).status).toBe('expired');
    await rm(folder, { recursive: true });
  });

  test('a file that is no such state is refused in one sentence', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
    const stateFile = path.join(folder, 'state.json');
    await writeFile(stateFile, '{"version":1,');
    await expect(openShop({ stateFile })).rejects.toThrow('cannot be read as the state');
    await rm(folder, { recursive: true });
  });
});
