import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { control, deliver, eventsOf, only } from '../support/purchases.ts';
import {
  CHOSEN,
  agree,
  chargesOf,
  hurry,
  intentsOf,
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

/** The webhook of a charge that came through, as it is sent now. */
async function tellOf(charge: { id: string }, mode = 'once'): Promise<void> {
  const events = await eventsOf(program, { payment_id: charge.id });
  await deliver(program, only(events, 'payment_intent.succeeded'), mode);
}

const onlyCharge = async (customer: Customer) => {
  const [charge, ...others] = await chargesOf(program, customer);
  expect(others).toEqual([]);
  if (charge === undefined) throw new Error('nothing was ordered');
  return charge;
};

describe('what was agreed to', () => {
  test('nothing is charged before somebody with a saved card ticks the sentence that says what', async () => {
    const ada = await program.signUp();
    const page = `/w/${ada.slug}/auto-top-up`;
    expect((await ada.browser.get(page)).text).toContain('Save a card, simulated');
    expect((await ada.browser.get(`${page}/consent`).query(CHOSEN)).status).toBe(422);
    await saveCard(program, ada);
    const sentence = await sentenceFor(ada);
    for (const said of [
      ...['Scrip demo', 'Visa card ending in 4242', '$10.00', 'below 60.00'],
      'at most $100.00 in a calendar month',
    ]) {
      expect(sentence).toContain(said);
    }
    expect((await ada.browser.get(`${page}/consent`).query(CHOSEN)).text).not.toContain(' checked');
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toEqual([]);
    expect(await agree(ada)).toBe(303);
    const [kept] = await program.database.query(
      `select consent, consented_at is not null as at, consent_ip is not null as ip, email
       from auto_top_ups a join people p on p.id = a.consented_by where workspace_id = $1`,
      [ada.workspace_id],
    );
    expect(kept).toEqual({ consent: sentence, at: true, ip: true, email: ada.email });
  });

  test('a form without the tick, or with another amount than its sentence, turns nothing on', async () => {
    const ada = await program.signUp();
    await saveCard(program, ada);
    const shown = await sentenceFor(ada);
    const forms = [
      { ...CHOSEN, shown },
      { ...CHOSEN, shown, consent: 'yes', limit: '1000.00' },
      { ...CHOSEN, shown, consent: 'yes', package: 'business' },
      { ...CHOSEN, shown: '', consent: 'yes' },
    ];
    for (const form of forms) {
      const answer = await ada.browser.post(`/w/${ada.slug}/auto-top-up`).type('form').send(form);
      expect(answer.status).toBe(422);
      expect(answer.text).not.toContain(' checked');
    }
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toEqual([]);
  });

  test('what cannot be read or sold is shown again with a sentence at the field', async () => {
    const ada = await program.signUp();
    await saveCard(program, ada);
    for (const change of [
      ...[{ below: '0' }, { below: '1e3' }, { below: '-5' }],
      ...[{ limit: '9.99' }, { limit: '10,00' }, { limit: '99999999' }, { package: 'gold' }],
    ]) {
      const path = `/w/${ada.slug}/auto-top-up/consent`;
      const answer = await ada.browser.get(path).query({ ...CHOSEN, ...change });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain(`f-${Object.keys(change).join('')}-error`);
    }
  });

  test('members who are neither owner nor admin do not reach it', async () => {
    const ada = await toppedUp(program);
    await program.database.query("update memberships set role = 'member' where workspace_id = $1", [
      ada.workspace_id,
    ]);
    expect((await ada.browser.get(`/w/${ada.slug}/auto-top-up`)).status).toBe(403);
    expect((await ada.browser.post(`/w/${ada.slug}/auto-top-up/off`)).status).toBe(403);
  });

  test('a package that has become dearer than agreed to is not bought', async () => {
    const ada = await toppedUp(program, { package: 'professional' });
    await program.database.query(
      `update auto_top_ups set price_minor = price_minor - 1 where workspace_id = $1`,
      [ada.workspace_id],
    );
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toEqual([]);
    expect(await stateOf(program, ada)).toMatchObject({ stopped_reason: 'offer_changed' });
  });
});

describe('charging by itself', () => {
  test('four processes at once charge one package, grant it once, and say so by mail', async () => {
    const ada = await toppedUp(program);
    await topUpNow(program, 4);
    expect(await intentsOf(program, ada)).toEqual(['succeeded']);
    const charge = await onlyCharge(ada);
    expect(charge).toMatchObject({ status: 'completed', total_minor: '1000' });
    await tellOf(charge, 'parallel:3');
    await topUpNow(program);
    expect(await ada.available()).toBe(WELCOME + STARTER);
    expect(await chargesOf(program, ada)).toHaveLength(1);
    expect(await subjectsTo(program, ada)).toEqual(['100 credits have arrived']);
    const [mail] = await program.database.query<{ text: string }>(
      "select text from mails where to_address = $1 and kind = 'payment.completed'",
      [ada.email],
    );
    expect(mail?.text).toContain('Auto top-up charged your saved card');
  });

  test('one charge is as many packages as it takes to reach the mark', async () => {
    const ada = await toppedUp(program, { below: '300' });
    await topUpNow(program);
    expect(await onlyCharge(ada)).toMatchObject({ total_minor: '3000' });
    expect(await ada.available()).toBe(WELCOME + 3n * STARTER);
  });

  test('frozen and unlimited wallets are left alone', async () => {
    const [ada, bob] = [await toppedUp(program), await toppedUp(program)];
    await program.database.query('update wallets set frozen_at = now() where id = $1', [
      ada.wallet_id,
    ]);
    await program.database.query(
      `update wallets set unlimited_until = now() + interval '1 day', unlimited_reason = 'plan'
       where id = $1`,
      [bob.wallet_id],
    );
    await topUpNow(program);
    for (const customer of [ada, bob]) expect(await chargesOf(program, customer)).toEqual([]);
  });

  test.each(['lost_answer', 'server_error', 'refused', 'html'])(
    'attack 41: where Stripe answers with %s, asking again makes one charge of it',
    async (kind) => {
      const ada = await toppedUp(program);
      // The library asks twice by itself.
      await control(program, '/faults', { kind, times: 2 });
      await topUpNow(program);
      expect(await onlyCharge(ada)).toMatchObject({ status: 'pending' });
      expect(await ada.available()).toBe(WELCOME);
      await topUpNow(program);
      expect(await onlyCharge(ada)).toMatchObject({ status: 'pending' });
      await hurry(program, ada);
      await topUpNow(program, 3);
      expect(await onlyCharge(ada)).toMatchObject({ status: 'completed' });
      expect(await intentsOf(program, ada)).toEqual(['succeeded']);
      expect(await ada.available()).toBe(WELCOME + STARTER);
    },
  );

  test('attack 41: a webhook that comes before the answer grants, and nothing is asked again', async () => {
    const ada = await toppedUp(program);
    await control(program, '/faults', { kind: 'lost_answer', times: 2 });
    await topUpNow(program);
    await tellOf(await onlyCharge(ada), 'parallel:3');
    expect(await ada.available()).toBe(WELCOME + STARTER);
    await hurry(program, ada);
    await topUpNow(program);
    expect(await intentsOf(program, ada)).toEqual(['succeeded']);
    expect(await onlyCharge(ada)).toMatchObject({ status: 'completed' });
  });

  test('turned off while a charge is open: it counts once, and no other follows', async () => {
    const ada = await toppedUp(program, { below: '200' });
    await control(program, '/faults', { kind: 'lost_answer', times: 2 });
    await topUpNow(program);
    await ada.browser.post(`/w/${ada.slug}/auto-top-up/off`);
    await hurry(program, ada);
    await topUpNow(program);
    expect(await onlyCharge(ada)).toMatchObject({ status: 'completed', total_minor: '2000' });
    await ada.browser.post(`/w/${ada.slug}/use`);
    await topUpNow(program);
    expect(await intentsOf(program, ada)).toEqual(['succeeded']);
    expect(await ada.available()).toBe(WELCOME + 2n * STARTER);
  });

  test('turned off before Stripe has charged: nothing is charged', async () => {
    const ada = await toppedUp(program);
    await control(program, '/faults', { kind: 'refused', times: 2 });
    await topUpNow(program);
    await ada.browser.post(`/w/${ada.slug}/auto-top-up/off`);
    await hurry(program, ada);
    await topUpNow(program);
    expect(await onlyCharge(ada)).toMatchObject({ status: 'cancelled' });
    expect(await intentsOf(program, ada)).toEqual([]);
  });
});

describe('the monthly limit', () => {
  test('is never passed, is told of at 80 and 100 % once, and ends with the month', async () => {
    const ada = await toppedUp(program, { below: '400', limit: '25.00' });
    await topUpNow(program);
    expect(await onlyCharge(ada)).toMatchObject({ status: 'completed', total_minor: '2000' });
    await topUpNow(program);
    await hurry(program, ada);
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toHaveLength(1);
    expect(await subjectsTo(program, ada)).toEqual([
      '200 credits have arrived',
      expect.stringContaining('80 % of the monthly limit'),
      expect.stringContaining('is reached'),
    ]);
    const page = await ada.browser.get(`/w/${ada.slug}/auto-top-up`);
    expect(page.text).toContain('The monthly limit is reached.');
    await program.database.query(
      `update payments set completed_at = completed_at - interval '32 days' where wallet_id = $1`,
      [ada.wallet_id],
    );
    await hurry(program, ada);
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toHaveLength(2);
    await program.database.query(
      `update payments set completed_at = completed_at + interval '32 days'
       where wallet_id = $1 and completed_at < now() - interval '1 day'`,
      [ada.wallet_id],
    );
  });

  test('what was refunded was charged all the same', async () => {
    const ada = await toppedUp(program, { limit: '10.00' });
    await topUpNow(program);
    const charge = await onlyCharge(ada);
    const [row] = await program.database.query<{ payment_intent_id: string }>(
      'select payment_intent_id from payments where id = $1',
      [charge.id],
    );
    await control(program, '/refunds', {
      payment_intent: row?.payment_intent_id,
      delivery: { hold: false },
    });
    await expect.poll(async () => (await onlyCharge(ada)).status).toBe('refunded');
    await topUpNow(program);
    expect(await chargesOf(program, ada)).toHaveLength(1);
  });
});
