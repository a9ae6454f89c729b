import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { deliver, emit, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const WELCOME = 50_000_000n;
const SUCCEEDED = 'payment_intent.succeeded';

/** A payment intent that the seller's own program made, for somebody's wallet. */
function intentFor(customer: Customer, change: object = {}, metadata: object = {}) {
  const id = randomUUID();
  return {
    id: `pi_elsewhere_${id}`,
    object: 'payment_intent',
    status: 'succeeded',
    amount: 1000,
    amount_received: 1000,
    currency: 'usd',
    metadata: {
      scrip_payment: id,
      scrip_wallet: customer.wallet_id,
      scrip_package: 'starter',
      ...metadata,
    },
    ...change,
  };
}

async function told(type: string, object: object): Promise<{ state: string; note: string | null }> {
  const id = await emit(program, type, object);
  await deliver(program, { id, type }, 'parallel:3');
  const [row] = await program.database.query<{ state: string; note: string | null }>(
    'select state, note from stripe_events where id = $1',
    [id],
  );
  if (row === undefined) throw new Error(`the event ${id} was not stored`);
  return row;
}

test('R3: payment_intent.succeeded of a payment made elsewhere grants what the catalogue sells for it, once', async () => {
  const ada = await program.signUp();
  const intent = intentFor(ada);
  expect(await told(SUCCEEDED, intent)).toEqual({ state: 'done', note: null });
  expect(await told(SUCCEEDED, intent)).toEqual({ state: 'done', note: 'was completed before' });
  expect(await ada.available()).toBe(WELCOME + 100_000_000n);
  const [payment] = await program.database.query(
    'select status, total_minor::text, payment_intent_id from payments where id = $1',
    [intent.metadata.scrip_payment],
  );
  expect(payment).toEqual({
    status: 'completed',
    total_minor: '1000',
    payment_intent_id: intent.id,
  });
});

test('tax that a payment intent names is stored apart from what the package costs', async () => {
  const ada = await program.signUp();
  const intent = intentFor(ada, {
    amount: 1210,
    amount_received: 1210,
    amount_details: { tax: { total_tax_amount: 210 } },
  });
  expect(await told(SUCCEEDED, intent)).toEqual({ state: 'done', note: null });
  const [payment] = await program.database.query(
    'select subtotal_minor::text, tax_minor::text, total_minor::text from payments where id = $1',
    [intent.metadata.scrip_payment],
  );
  expect(payment).toEqual({ subtotal_minor: '1000', tax_minor: '210', total_minor: '1210' });
});

test.each([
  ['another amount', { amount: 1, amount_received: 1 }, {}, 'paid 1, ordered 1000 minor units'],
  ['a currency in which it is not sold', { currency: 'chf' }, {}, 'starter is not sold in CHF'],
  ['a package that is not on sale', {}, { scrip_package: 'gold' }, 'gold is not sold in USD'],
])(
  'attack 39: an intent with %s is kept and flagged, and grants nothing',
  async (_name, change, metadata, note) => {
    const ada = await program.signUp();
    expect(await told(SUCCEEDED, intentFor(ada, change, metadata))).toEqual({
      state: 'flagged',
      note,
    });
    expect(await ada.available()).toBe(WELCOME);
  },
);

test('attack 39: an intent for a wallet that is not there is flagged, and one without our metadata ignored', async () => {
  const ada = await program.signUp();
  const lost = await told(SUCCEEDED, intentFor(ada, {}, { scrip_wallet: randomUUID() }));
  expect(lost.state).toBe('flagged');
  const stranger = await told(SUCCEEDED, intentFor(ada, { metadata: { order: '7' } }));
  expect(stranger.state).toBe('ignored');
  expect(await ada.available()).toBe(WELCOME);
});

test("attack 39: an intent that names somebody else's payment grants nothing to whom it names", async () => {
  const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
  const purchase = await order(program, ada);
  const forged = intentFor(eve, {}, { scrip_payment: purchase.payment_id });
  expect(await told(SUCCEEDED, forged)).toEqual({
    state: 'done',
    note: 'its session tells what was paid',
  });
  expect(await eve.available()).toBe(WELCOME);
  expect(await ada.available()).toBe(WELCOME);
});

test('R3: payment_intent.payment_failed says why the card was declined, and the order stays open', async () => {
  const ada = await program.signUp();
  const purchase = await order(program, ada);
  const declined = intentFor(
    ada,
    {
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
    },
    { scrip_payment: purchase.payment_id },
  );
  expect((await told('payment_intent.payment_failed', declined)).state).toBe('done');
  const [payment] = await program.database.query(
    'select status, failure from payments where id = $1',
    [purchase.payment_id],
  );
  expect(payment).toEqual({ status: 'pending', failure: 'insufficient_funds' });
  await deliver(program, only(await payHeld(program, purchase), 'checkout.session.completed'));
  expect(await ada.available()).toBe(WELCOME + 100_000_000n);
});

test('an event that says something else than Stripe documents is flagged, not refused for ever', async () => {
  const ada = await program.signUp();
  const broken = await told(SUCCEEDED, intentFor(ada, { amount: 'ten' }));
  expect(broken.state).toBe('flagged');
});
