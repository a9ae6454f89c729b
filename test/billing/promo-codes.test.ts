import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { newCode, redeem, usesOfCode } from '../support/promo-codes.ts';
import { deliver, emit, only, payHeld, type Purchase } from '../support/purchases.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
let crowd: Customer[];
beforeAll(async () => {
  program = await testProgram();
  crowd = await Promise.all(Array.from({ length: 30 }, () => program.signUp()));
});
afterAll(() => program.stop());

const ONE_OF_THIRTY = [303, ...Array.from({ length: 29 }, () => 422)];
const WELCOME = 50n * CREDIT;
const UNKNOWN = 'There is no such code, or it is over.';

async function orderWith(
  { browser, slug }: Customer,
  promo: string,
  { chosen = 'professional', nonce = randomUUID(), ...rest }: Record<string, string> = {},
) {
  const form = { package: chosen, nonce, promo, ...rest };
  return browser.post(`/w/${slug}/buy`).type('form').send(form);
}

async function purchaseWith(customer: Customer, promo: string, chosen?: string): Promise<Purchase> {
  const answer = await orderWith(customer, promo, chosen === undefined ? {} : { chosen });
  return purchaseAt(answer.headers['location']);
}

async function purchaseAt(location: unknown): Promise<Purchase> {
  const url = String(location);
  const [row] = await program.database.query<{ id: string; checkout_session_id: string }>(
    'select id, checkout_session_id from payments where checkout_url = $1',
    [url],
  );
  if (row === undefined) throw new Error(`no payment leads to ${url}`);
  return { payment_id: row.id, session_id: row.checkout_session_id, url };
}

async function pay(purchase: Purchase): Promise<void> {
  await deliver(program, only(await payHeld(program, purchase), 'checkout.session.completed'));
}

async function expire({ session_id: id, payment_id }: Purchase): Promise<void> {
  const type = 'checkout.session.expired';
  const metadata = { scrip_payment: payment_id };
  const session = { id, object: 'checkout.session', status: 'expired', mode: 'payment', metadata };
  const event = await emit(program, type, { ...session, payment_status: 'unpaid' });
  await deliver(program, { id: event, type });
}

async function lotsOf(purchase: Purchase): Promise<string[]> {
  const rows = await program.database.query<{ lot: string }>(
    `select source || ' ' || granted / 1000000 || ' ' || removed / 1000000 as lot from lots
     where payment_id = $1 order by number`,
    [purchase.payment_id],
  );
  return rows.map(({ lot }) => lot);
}

describe('a code that gives credits at once', () => {
  test('attack 28: tried 30 times at once by one person, it is redeemed once', async () => {
    const ada = await program.signUp();
    const code = await newCode(program);
    const tries = Array.from({ length: 30 }, () => redeem(ada, code));
    const answers = await Promise.all(tries);
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toHaveLength(0);
    expect(await ada.available()).toBe(WELCOME + 50n * CREDIT);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['redeemed'] });
  });

  test('attack 28: good once in all and tried at once by 30 people, it is redeemed once', async () => {
    const code = await newCode(program, { total_limit: 1 });
    const answers = await Promise.all(crowd.map((person) => redeem(person, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual(ONE_OF_THIRTY);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['redeemed'] });
  });

  test('is redeemed once by a form that is sent twice, as a lot that expires', async () => {
    const ada = await program.signUp();
    const code = await newCode(program, { person_limit: 5 });
    const form = { promo: code.toLowerCase(), nonce: randomUUID() };
    const send = () => ada.browser.post(`/w/${ada.slug}/redeem`).type('form').send(form);
    const [first, second] = await Promise.all([send(), send()]);
    expect(second.headers['location']).toBe(first.headers['location']);
    const page = await ada.browser.get(String(first.headers['location'])).expect(200);
    expect(page.text).toContain('50 credits have arrived.');
    const lots = await program.database.query(
      `select source, priority, expires_at between now() + interval '29 days'
         and now() + interval '31 days' as in_a_month from lots
       where wallet_id = $1 and source = 'promo'`,
      [ada.wallet_id],
    );
    expect(lots).toEqual([{ source: 'promo', priority: 10, in_a_month: true }]);
  });

  test('unknown, stopped and over read the same, and can be tried some times only', async () => {
    const ada = await program.signUp();
    const over = await newCode(program, { ends_at: new Date() });
    const stopped = await newCode(program);
    await program.database.query('update promo_codes set active = false where code = $1', [
      stopped,
    ]);
    for (const code of ['NOTHING', over, stopped]) {
      expect((await redeem(ada, code)).text).toContain(UNKNOWN);
    }
    for (let index = 0; index < 7; index++) await redeem(ada, `GUESS-${index}`);
    const refused = await redeem(ada, await newCode(program));
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(await ada.available()).toBe(WELCOME);
  });
});

describe('a code that adds to a purchase', () => {
  const bonus = (terms: Parameters<typeof newCode>[1] = {}) =>
    newCode(program, { kind: 'purchase', ...terms });

  test('is shown before it is paid, and granted with it as a lot of the payment', async () => {
    const ada = await program.signUp();
    const code = await bonus({ credits: null, percent: 10, packages: ['professional'] });
    const page = await orderWith(ada, code, { do: 'promo' });
    expect(page.status).toBe(200);
    expect(page.text).toContain(`Code ${code}`);
    expect(page.text).toContain('600.00');
    expect(await usesOfCode(program, code)).toEqual({ taken: 0, states: [] });
    const purchase = await purchaseWith(ada, code);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['reserved'] });
    await pay(purchase);
    expect(await lotsOf(purchase)).toEqual(['purchase 500 0', 'bonus 50 0', 'promo 50 0']);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['redeemed'] });
    const paid = await ada.browser.get(`/w/${ada.slug}/payments/${purchase.payment_id}`);
    expect(paid.text).toContain(`Code ${code}`);
  });

  test('attack 43: a refund takes it back in the ratio of the money, as the paid lot and the bonus', async () => {
    const ada = await program.signUp();
    const purchase = await purchaseWith(ada, await bonus({ credits: 100n * CREDIT }));
    await pay(purchase);
    const charge = { id: 'ch_promo', object: 'charge', currency: 'usd', amount: 4500 };
    const metadata = { scrip_payment: purchase.payment_id };
    const type = 'charge.refunded';
    const id = await emit(program, type, { ...charge, amount_refunded: 900, metadata });
    await deliver(program, { id, type });
    expect(await lotsOf(purchase)).toEqual(['purchase 500 100', 'bonus 50 10', 'promo 100 20']);
  });

  test('attack 28: 30 orders at once hold one place; closed unpaid it is given back', async () => {
    const code = await bonus({ total_limit: 1 });
    const answers = await Promise.all(crowd.map((person) => orderWith(person, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual(ONE_OF_THIRTY);
    const winner = answers.find(({ status }) => status === 303);
    const held = await purchaseAt(winner?.headers['location']);
    await expire(held);
    expect(await usesOfCode(program, code)).toEqual({ taken: 0, states: ['given_back'] });
    const purchase = await purchaseWith(await program.signUp(), code);
    await pay(purchase);
    expect(await lotsOf(purchase)).toContain('promo 50 0');
  });

  test('the same order sent twice holds one place, and its other form is told why not', async () => {
    const ada = await program.signUp();
    const code = await bonus();
    const nonce = randomUUID();
    const answers = await Promise.all([1, 2].map(() => orderWith(ada, code, { nonce })));
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['reserved'] });
    const other = await orderWith(ada, code);
    expect(other.status).toBe(422);
    expect(other.text).toContain('held by an order of yours');
  });

  test('an order that is refused for its code says why, and nothing is ordered', async () => {
    const ada = await program.signUp();
    const later = await bonus({ starts_at: new Date(Date.now() + 86_400_000) });
    const other = await bonus({ packages: ['business'] });
    const grant = await newCode(program);
    const spent = await bonus({ total_limit: 1 });
    await purchaseWith(await program.signUp(), spent);
    for (const [code, sentence] of [
      ['NOTHING', UNKNOWN],
      [later, 'is good from'],
      [other, 'is not for this package'],
      [grant, 'gives credits without a purchase'],
      [spent, 'as often as it was to be'],
    ] as const) {
      const answer = await orderWith(ada, code);
      expect(answer.status).toBe(422);
      expect(answer.text).toContain(sentence);
    }
    const orders = await program.database.query('select id from payments where workspace_id = $1', [
      ada.workspace_id,
    ]);
    expect(orders).toEqual([]);
  });

  test('one for first purchases is good before anything was bought, and for one order only', async () => {
    const ada = await program.signUp();
    const first = { first_purchase_only: true };
    const [one, two] = [await bonus(first), await bonus(first)];
    const purchase = await purchaseWith(ada, one);
    expect((await orderWith(ada, two)).text).toContain('for a first purchase only');
    await pay(purchase);
    expect((await orderWith(ada, two)).text).toContain('for a first purchase only');
  });

  test('money that comes after the order was closed buys with the code while there is a place', async () => {
    const code = await bonus({ total_limit: 1 });
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const late = await purchaseWith(ada, code);
    const paid = only(await payHeld(program, late), 'checkout.session.completed');
    await program.database.query(
      `with c as (update payments set status = 'cancelled' where id = $1 returning id),
         r as (update promo_redemptions set state = 'given_back' from c where payment_id = c.id)
       update promo_codes set taken = taken - 1 where code = $2`,
      [late.payment_id, code],
    );
    const other = await purchaseWith(eve, code);
    await deliver(program, paid);
    expect(await lotsOf(late)).toEqual(['purchase 500 0', 'bonus 50 0']);
    await pay(other);
    expect(await lotsOf(other)).toContain('promo 50 0');
    expect((await usesOfCode(program, code)).taken).toBe(1);
  });
});
