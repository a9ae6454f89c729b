import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, deliver, emit, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const COMPLETED = 'checkout.session.completed';
const PAID = 150_000_000n;
const UNPAID = 50_000_000n;

const Answers = z.array(z.looseObject({ status: z.number().nullable() }));
const statuses = (answers: unknown): (number | null)[] =>
  Answers.parse(answers).map((answer) => answer.status);

async function statusOf(paymentId: string): Promise<string | undefined> {
  const [row] = await program.database.query<{ status: string }>(
    'select status from payments where id = $1',
    [paymentId],
  );
  return row?.status;
}

describe('POST /webhooks/stripe', () => {
  test('a paid session grants the paid lot and the bonus lot, with what was paid for them', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada, 'professional');
    const events = await payHeld(program, purchase);
    expect(await ada.available()).toBe(UNPAID);
    await deliver(program, only(events, COMPLETED));
    expect(await ada.available()).toBe(600_000_000n);
    expect(await statusOf(purchase.payment_id)).toBe('completed');
    const lots = await program.database.query(
      `select source, priority, granted::text, cost_minor::text, currency, expires_at - granted_at > '89 days' as lasts
       from lots where payment_id = $1 order by number`,
      [purchase.payment_id],
    );
    expect(lots).toEqual([
      {
        source: 'purchase',
        priority: 30,
        granted: '500000000',
        cost_minor: '4500',
        currency: 'USD',
        lasts: true,
      },
      {
        source: 'bonus',
        priority: 10,
        granted: '50000000',
        cost_minor: '0',
        currency: null,
        lasts: true,
      },
    ]);
  });

  test('attack 33: the same event twenty times at once is one grant, and all are answered 200', async () => {
    const ada = await program.signUp();
    const events = await payHeld(program, await order(program, ada));
    const answers = await deliver(program, only(events, COMPLETED), 'parallel:20');
    expect(statuses(answers)).toEqual(Array<number>(20).fill(200));
    await deliver(program, only(events, COMPLETED), 'twice');
    expect(await ada.available()).toBe(PAID);
  });

  test('attack 34: five event ids for one session at once are one grant', async () => {
    const ada = await program.signUp();
    const events = await payHeld(program, await order(program, ada));
    const answers = await deliver(program, only(events, COMPLETED), 'distinct:5');
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 200]);
    expect(await ada.available()).toBe(PAID);
  });

  test('attack 35: what is told of one purchase is one grant, in each of its 24 orders', async () => {
    const ada = await program.signUp();
    let expected = UNPAID;
    for (const turn of permutations([0, 1, 2, 3])) {
      const purchase = await order(program, ada);
      const events = await payHeld(program, purchase);
      const invoice = { id: `in_${purchase.payment_id}`, object: 'invoice', amount_paid: 1000 };
      const metadata = { scrip_payment: purchase.payment_id };
      const paid = await emit(program, 'invoice.paid', { ...invoice, metadata });
      const told = [...events.map(({ id }) => id), paid];
      await control(program, '/deliver', { events: turn.map((index) => told[index]) });
      expected += PAID - UNPAID;
      expect(await ada.available()).toBe(expected);
      expect(await statusOf(purchase.payment_id)).toBe('completed');
    }
  });

  test('attack 37: a handler that fails answers 500 and keeps nothing, and the same event then grants', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    const event = only(await payHeld(program, purchase), COMPLETED);
    await program.database.query(
      `alter table lots add constraint lots_refuse_for_a_while check (payment_id <> '${purchase.payment_id}')`,
    );
    expect(statuses(await deliver(program, event))).toEqual([500]);
    expect(await statusOf(purchase.payment_id)).toBe('pending');
    await program.database.query('alter table lots drop constraint lots_refuse_for_a_while');
    expect(statuses(await deliver(program, event))).toEqual([200]);
    expect(await ada.available()).toBe(PAID);
  });

  test('attack 36: money that takes days is granted when it has come, and not before', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    await control(program, `/sessions/${purchase.session_id}/pay`, { later: true });
    await expect.poll(() => eventState(COMPLETED, purchase.payment_id)).toBe('done');
    expect(await ada.available()).toBe(UNPAID);
    await control(program, `/sessions/${purchase.session_id}/settle`, { succeeds: true });
    await expect.poll(() => ada.available()).toBe(PAID);
  });

  test('attack 36, S3: money that does not come fails the payment, and what comes all the same is granted', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    await control(program, `/sessions/${purchase.session_id}/pay`, { later: true });
    await control(program, `/sessions/${purchase.session_id}/settle`, { succeeds: false });
    await expect.poll(() => statusOf(purchase.payment_id)).toBe('failed');
    expect(await ada.available()).toBe(UNPAID);
    const { session_id: id } = purchase;
    await invent('checkout.session.async_payment_succeeded', purchase.payment_id, { id });
    await invent(COMPLETED, purchase.payment_id, { id });
    expect(await ada.available()).toBe(PAID);
  });

  test('a session that expires cancels its payment, and one that was paid stays paid', async () => {
    const ada = await program.signUp();
    const left = await order(program, ada);
    await control(program, `/sessions/${left.session_id}/expire`, {});
    await expect.poll(() => statusOf(left.payment_id)).toBe('cancelled');
    const paid = await order(program, ada);
    await deliver(program, only(await payHeld(program, paid), COMPLETED));
    await invent('checkout.session.expired', paid.payment_id, {});
    expect(await statusOf(paid.payment_id)).toBe('completed');
    expect(await ada.available()).toBe(PAID);
  });

  test.each([
    ['another amount', { amount_subtotal: 1, amount_total: 1 }],
    ['another currency', { currency: 'inr' }],
    ['parts that do not add up', { amount_total: 1 }],
    [
      'a discount',
      {
        amount_total: 0,
        total_details: { amount_discount: 1000, amount_tax: 0, amount_shipping: 0 },
      },
    ],
    ['nothing to pay', { payment_status: 'no_payment_required' }],
    ['a subscription', { mode: 'subscription' }],
  ])(
    'attack 39: %s than ordered is kept and flagged, and nothing is granted',
    async (_name, change) => {
      const ada = await program.signUp();
      const purchase = await order(program, ada);
      await invent(COMPLETED, purchase.payment_id, change);
      expect(await eventState(COMPLETED, purchase.payment_id)).toBe('flagged');
      expect(await statusOf(purchase.payment_id)).toBe('pending');
      expect(await ada.available()).toBe(UNPAID);
    },
  );

  test('a session that another payment has is flagged, and not tried for ever', async () => {
    const ada = await program.signUp();
    const [one, other] = [await order(program, ada), await order(program, ada)];
    await deliver(program, only(await payHeld(program, one), COMPLETED));
    await invent(COMPLETED, other.payment_id, { id: one.session_id });
    expect(await eventState(COMPLETED, other.payment_id)).toBe('flagged');
    expect(await statusOf(other.payment_id)).toBe('pending');
  });

  test('a frozen wallet takes what was paid for, and sells nothing more', async () => {
    const ada = await program.signUp();
    const events = await payHeld(program, await order(program, ada));
    await program.database.query('update wallets set frozen_at = now() where id = $1', [
      ada.wallet_id,
    ]);
    await deliver(program, only(events, COMPLETED));
    expect(await ada.available()).toBe(PAID);
    await expect(order(program, ada)).rejects.toThrow('403');
  });

  test('a zero byte in an event does not keep it out, and a signed body that is no event is refused', async () => {
    const id = await emit(program, 'customer.created', {
      id: 'cus_zero',
      object: 'customer',
      name: 'a\0b',
    });
    expect(statuses(await deliver(program, { id, type: 'customer.created' }))).toEqual([200]);
  });

  test('attack 39: live events and test payments are not mixed', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    await invent(COMPLETED, purchase.payment_id, {}, true);
    expect(await eventState(COMPLETED, purchase.payment_id)).toBe('flagged');
    expect(await ada.available()).toBe(UNPAID);
  });

  test("attack 39: other software's events and unknown types are kept and answered 200", async () => {
    for (const [type, object] of [
      ['customer.created', { id: 'cus_stranger', object: 'customer' }],
      [COMPLETED, { id: 'cs_stranger', object: 'checkout.session', metadata: {} }],
      [
        COMPLETED,
        { id: 'cs_forged', object: 'checkout.session', metadata: { scrip_payment: "x' or" } },
      ],
    ] as const) {
      const event = await emit(program, type, object);
      expect(statuses(await deliver(program, { id: event, type }))).toEqual([200]);
      const [row] = await program.database.query<{ state: string }>(
        'select state from stripe_events where id = $1',
        [event],
      );
      expect(row?.state).toBe('ignored');
    }
  });

  test('without a payment provider there is no webhook', async () => {
    const without = await testProgram({ buying: false });
    await without.browser().post('/webhooks/stripe').send('{}').expect(404);
    await without.stop();
  });
});

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((one) => one !== first)).map((others) => [first, ...others]),
  );
}

/** An event about a payment that says something else than what was ordered. */
async function invent(
  type: string,
  paymentId: string,
  change: object,
  livemode = false,
): Promise<void> {
  const object = {
    id: `cs_test_invented_${paymentId}`,
    object: 'checkout.session',
    mode: 'payment',
    payment_status: 'paid',
    amount_subtotal: 1000,
    amount_total: 1000,
    currency: 'usd',
    payment_intent: null,
    total_details: { amount_discount: 0, amount_tax: 0, amount_shipping: 0 },
    metadata: { scrip_payment: paymentId },
    ...change,
  };
  const id = await emit(program, type, object, livemode);
  expect(statuses(await deliver(program, { id, type }))).toEqual([200]);
}

async function statesOf(type: string, paymentId: string): Promise<string[]> {
  const rows = await program.database.query<{ state: string }>(
    'select state from stripe_events where type = $1 and payment_id = $2 order by received_at',
    [type, paymentId],
  );
  return rows.map((row) => row.state);
}

async function eventState(type: string, paymentId: string): Promise<string | undefined> {
  return (await statesOf(type, paymentId))[0];
}
