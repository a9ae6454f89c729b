import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, deliver, emit, eventsOf, only } from '../support/purchases.ts';
import {
  agree,
  chargesOf,
  hurry,
  intentsOf,
  openCardSetup,
  saveCard,
  sentenceFor,
  stateOf,
  subjectsTo,
  topUpNow,
  toppedUp,
} from '../support/top-ups.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
  await control(program, '/settings', { hold: true });
});
afterAll(() => program.stop());

const WELCOME = 50_000_000n;
const STARTER = 100_000_000n;

describe('a card that is declined', () => {
  test('is tried three times, each after a pause, then auto top-up ends and says so', async () => {
    const ada = await toppedUp(program, { card: 'pm_card_chargeCustomerFail' });
    for (const failures of [1, 2, 3]) {
      await topUpNow(program, 2);
      expect(await stateOf(program, ada)).toMatchObject({ failures, enabled: failures < 3 });
      await topUpNow(program);
      expect(await chargesOf(program, ada)).toHaveLength(failures);
      await hurry(program, ada);
    }
    await topUpNow(program);
    const charges = await chargesOf(program, ada);
    expect(charges.map(({ status, failure }) => [status, failure])).toEqual(
      new Array(3).fill(['failed', 'generic_decline']),
    );
    expect(await subjectsTo(program, ada)).toEqual([
      ...new Array<string>(2).fill('The card for Ada Byron was declined'),
      'Auto top-up of Ada Byron has stopped',
    ]);
    const page = (await ada.browser.get(`/w/${ada.slug}/auto-top-up`)).text;
    expect(page).toContain('The card was declined three times in a row.');
    expect(await ada.available()).toBe(WELCOME);
    await saveCard(program, ada);
    expect(await agree(ada)).toBe(303);
    await topUpNow(program);
    expect(await stateOf(program, ada)).toMatchObject({ failures: 0, enabled: true });
    expect(await ada.available()).toBe(WELCOME + STARTER);
  });

  test('is one decline, also when the answer was lost and its webhook came first', async () => {
    const ada = await toppedUp(program, { card: 'pm_card_chargeCustomerFail' });
    await control(program, '/faults', { kind: 'lost_answer', times: 2 });
    await topUpNow(program);
    const [charge] = await chargesOf(program, ada);
    const events = await eventsOf(program, { payment_id: charge?.id ?? '' });
    await deliver(program, only(events, 'payment_intent.payment_failed'), 'parallel:2');
    await hurry(program, ada);
    await topUpNow(program, 2);
    expect(await stateOf(program, ada)).toMatchObject({ failures: 1, enabled: true });
    expect(await intentsOf(program, ada)).toEqual(['requires_payment_method']);
  });
});

describe('a card whose bank wants to hear of it', () => {
  const CARD = { card: 'pm_card_authenticationRequired' };

  test('waits for its owner, who pays the order on a payment page; then it goes on', async () => {
    const ada = await toppedUp(program, CARD);
    await topUpNow(program, 2);
    const [charge] = await chargesOf(program, ada);
    const events = await eventsOf(program, { payment_id: charge?.id ?? '' });
    await deliver(program, only(events, 'payment_intent.payment_failed'));
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toHaveLength(1);
    expect(await subjectsTo(program, ada)).toEqual(['Your bank wants you to confirm $10.00']);
    const path = `/w/${ada.slug}/auto-top-up`;
    expect((await ada.browser.get(path)).text).toContain('Pay $10.00, simulated');
    const pages = [
      await ada.browser.post(`${path}/confirm`),
      await ada.browser.post(`${path}/confirm`),
    ].map((answer) => String(answer.headers['location']));
    expect(new Set(pages).size).toBe(1);
    const session = /cs_\w+/.exec(pages[0] ?? '')?.[0] ?? '';
    await control(program, `/sessions/${session}/pay`, { delivery: { hold: true } });
    const paid = await eventsOf(program, { payment_id: charge?.id ?? '' });
    for (const type of ['checkout.session.completed', 'payment_intent.succeeded']) {
      await deliver(program, only(paid, type), 'parallel:2');
    }
    expect(await chargesOf(program, ada)).toMatchObject([{ status: 'completed' }]);
    expect(await ada.available()).toBe(WELCOME + STARTER);
    expect(await stateOf(program, ada)).toMatchObject({ enabled: true, failures: 0 });
  });

  test('ends auto top-up when nobody has confirmed it in time', async () => {
    const ada = await toppedUp(program, CARD);
    await topUpNow(program);
    await hurry(program, ada);
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toMatchObject([{ status: 'cancelled' }]);
    await topUpNow(program);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'not_confirmed' });
    expect(await chargesOf(program, ada)).toHaveLength(1);
    const path = `/w/${ada.slug}/auto-top-up`;
    expect((await ada.browser.post(`${path}/confirm`)).headers['location']).toBe(path);
  });

  test('is left alone once somebody turns it off or agrees anew, and keeps nothing out', async () => {
    const ada = await toppedUp(program, CARD);
    await topUpNow(program);
    await saveCard(program, ada);
    expect(await agree(ada)).toBe(303);
    await topUpNow(program);
    expect((await chargesOf(program, ada)).map(({ status }) => status)).toEqual([
      'cancelled',
      'completed',
    ]);
    const bob = await toppedUp(program, CARD);
    await topUpNow(program);
    await bob.browser.post(`/w/${bob.slug}/auto-top-up/off`);
    expect(await chargesOf(program, bob)).toMatchObject([{ status: 'cancelled' }]);
  });

  test('ends it too when the payment page was left until it expired', async () => {
    const ada = await toppedUp(program, CARD);
    await topUpNow(program);
    const answer = await ada.browser.post(`/w/${ada.slug}/auto-top-up/confirm`);
    const session = /cs_\w+/.exec(String(answer.headers['location']))?.[0] ?? '';
    const [charge] = await chargesOf(program, ada);
    await control(program, `/sessions/${session}/expire`, { delivery: { hold: true } });
    const events = await eventsOf(program, { payment_id: charge?.id ?? '' });
    await deliver(program, only(events, 'checkout.session.expired'));
    await topUpNow(program);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'not_confirmed' });
    expect(await chargesOf(program, ada)).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('the saved card', () => {
  test('comes by the webhook too, once, whichever event tells of it', async () => {
    const ada = await program.signUp();
    const session = await openCardSetup(ada);
    await control(program, `/sessions/${session}/pay`, { delivery: { hold: true } });
    const events = z.array(Event).parse(await control(program, '/events'));
    for (const { id, type, object_id } of events) {
      const isSession = type === 'checkout.session.completed' && object_id === session;
      if (isSession || type === 'setup_intent.succeeded') await deliver(program, { id, type });
    }
    expect(await sentenceFor(ada)).toContain('Visa card ending in 4242');
  });

  test('is replaced by another, which asks for consent anew; an older page does not bring it back', async () => {
    const ada = await toppedUp(program);
    await program.database.query(
      `update stripe_customers set card = jsonb_set(card, '{set_up_at}', '1') where workspace_id = $1`,
      [ada.workspace_id],
    );
    await saveCard(program, ada, 'pm_card_mastercard');
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'card_changed' });
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toEqual([]);
    expect(await sentenceFor(ada)).toContain('Mastercard card ending in 4444');
    await program.database.query(
      `update stripe_customers set card = jsonb_set(card, '{set_up_at}', '99999999999')
       where workspace_id = $1`,
      [ada.workspace_id],
    );
    await saveCard(program, ada);
    expect(await sentenceFor(ada)).toContain('ending in 4444');
  });

  test('is taken away at Stripe when it is removed, and auto top-up ends at once', async () => {
    const ada = await program.signUp();
    const session = await saveCard(program, ada);
    expect(await agree(ada)).toBe(303);
    await ada.browser.post(`/w/${ada.slug}/auto-top-up/card/remove`);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'turned_off' });
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toEqual([]);
    // Its page, opened again from the browser's history, saves nothing.
    await ada.browser.get(`/w/${ada.slug}/auto-top-up/card`).query({ session });
    expect((await ada.browser.get(`/w/${ada.slug}/auto-top-up`)).text).toContain(
      'No card is saved',
    );
  });

  test("attack 17: somebody else's page of a saved card shows and saves nothing", async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const session = await saveCard(program, ada);
    const answer = await eve.browser.get(`/w/${eve.slug}/auto-top-up/card`).query({ session });
    expect(answer.status).toBe(404);
    expect((await eve.browser.get(`/w/${eve.slug}/auto-top-up`)).text).not.toContain('4242');
  });

  test.each([
    ['the customer was deleted', 'customer.deleted', 'customer_id'],
    ['the card was detached', 'payment_method.detached', 'payment_method_id'],
  ])('auto top-up stops and says so when %s at Stripe', async (_name, type, column) => {
    const ada = await toppedUp(program);
    const [row] = await program.database.query<{ id: string }>(
      `select ${column} as id from stripe_customers where workspace_id = $1`,
      [ada.workspace_id],
    );
    const object = type === 'customer.deleted' ? 'customer' : 'payment_method';
    const id = await emit(program, type, { id: row?.id, object });
    await deliver(program, { id, type });
    await topUpNow(program);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'card_gone' });
    expect(await subjectsTo(program, ada)).toEqual(['Auto top-up of Ada Byron has stopped']);
    expect(await intentsOf(program, ada)).toEqual([]);
  });

  test('auto top-up stops when Stripe does not have the card any more and no webhook said so', async () => {
    const ada = await toppedUp(program);
    if (program.provider.mode === 'off') throw new Error('this program sells nothing');
    const [row] = await program.database.query<{ id: string }>(
      'select payment_method_id as id from stripe_customers where workspace_id = $1',
      [ada.workspace_id],
    );
    await program.provider.stripe.paymentMethods.detach(row?.id ?? '');
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toMatchObject([{ status: 'failed' }]);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'card_gone' });
    expect((await ada.browser.get(`/w/${ada.slug}/auto-top-up`)).text).toContain(
      'No card is saved',
    );
  });

  test('a card can be saved although the customer was deleted at Stripe and no webhook said so', async () => {
    const ada = await toppedUp(program);
    if (program.provider.mode === 'off') throw new Error('this program sells nothing');
    const [row] = await program.database.query<{ id: string }>(
      'select customer_id as id from stripe_customers where workspace_id = $1',
      [ada.workspace_id],
    );
    await program.provider.stripe.customers.del(row?.id ?? '');
    await topUpNow(program);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'card_gone' });
    await saveCard(program, ada);
    expect(await agree(ada)).toBe(303);
    await topUpNow(program);
    expect(await ada.available()).toBe(WELCOME + STARTER);
  });

  test('auto top-up stops when one of its charges is disputed', async () => {
    const ada = await toppedUp(program);
    await topUpNow(program);
    const [charge] = await program.database.query<{ payment_intent_id: string }>(
      'select payment_intent_id from payments where wallet_id = $1 and auto_top_up',
      [ada.wallet_id],
    );
    await control(program, '/disputes', { ...paymentIntent(charge), delivery: { hold: false } });
    const status = async () => (await chargesOf(program, ada))[0]?.status;
    await expect.poll(status).toBe('disputed');
    await topUpNow(program);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'disputed' });
    expect(await chargesOf(program, ada)).toHaveLength(1);
  });
});

const paymentIntent = (row: { payment_intent_id: string } | undefined) => ({
  payment_intent: row?.payment_intent_id,
});
const Event = z.looseObject({ id: z.string(), type: z.string(), object_id: z.string() });
