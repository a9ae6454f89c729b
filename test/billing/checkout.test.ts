import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkoutLocale } from '../../src/billing/checkout/parameters.ts';
import { checkLeft } from '../../src/billing/payments/checks.ts';
import { createLog } from '../../src/lib/log.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import {
  type Purchase,
  control,
  deliver,
  eventsOf,
  heal,
  order,
  payHeld,
} from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const PAID = 150_000_000n;
const PAID_TWICE = 250_000_000n;

async function paymentsOf(customer: Customer): Promise<string[]> {
  const rows = await program.database.query<{ found: string }>(
    `select status || case when duplicate_of is null then '' else ' again' end as found
     from payments where workspace_id = $1 order by created_at, id`,
    [customer.workspace_id],
  );
  return rows.map(({ found }) => found);
}

/** As if so much time had passed since the order and the last question about it. */
async function passTime(purchase: Purchase, hours: number): Promise<void> {
  await program.database.query(
    `update payments set created_at = created_at - make_interval(hours => $2),
       next_check_at = next_check_at - make_interval(hours => $2) where id = $1`,
    [purchase.payment_id, hours],
  );
}

const Sessions = z.array(z.looseObject({ id: z.string(), status: z.string() }));

async function sessionStatus(purchase: Purchase): Promise<string | undefined> {
  const sessions = Sessions.parse(await control(program, '/sessions'));
  return sessions.find(({ id }) => id === purchase.session_id)?.status;
}

async function lookAt(customer: Customer, purchase: Purchase) {
  return customer.browser.get(`/w/${customer.slug}/payments/${purchase.payment_id}`).expect(200);
}

async function faultsLeft(): Promise<number> {
  return z.array(z.unknown()).parse(await control(program, '/faults')).length;
}

describe('attack 41: a webhook that never comes', () => {
  test('the page that the buyer waits on asks Stripe after some seconds, and not at each look', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    await payHeld(program, purchase);
    await control(program, '/faults', { kind: 'refused' });
    expect((await lookAt(ada, purchase)).text).toContain('Waiting for Stripe');
    expect((await lookAt(ada, purchase)).text).toContain('Waiting for Stripe');
    // Stripe was not asked yet, or the fault would have been met.
    expect(await faultsLeft()).toBe(1);
    await control(program, '/faults', { kind: 'server_error', times: 2 });
    await passTime(purchase, 1);
    expect((await lookAt(ada, purchase)).text).toContain('Waiting for Stripe');
    await program.database.query('update payments set next_check_at = now() where id = $1', [
      purchase.payment_id,
    ]);
    await heal(program);
    expect((await lookAt(ada, purchase)).text).toContain('+100');
    expect(await ada.available()).toBe(PAID);
  });

  test('the page and the webhook at the same moment are one grant', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    const events = await payHeld(program, purchase);
    await lookAt(ada, purchase);
    await passTime(purchase, 1);
    await Promise.all([
      ...[1, 2, 3].map(() => lookAt(ada, purchase)),
      ...events.map((event) => deliver(program, event, 'parallel:3')),
    ]);
    expect(await ada.available()).toBe(PAID);
    expect(await paymentsOf(ada)).toEqual(['completed']);
  });

  test('a job asks about the payments that nobody looks at, grants what was paid and closes what is over', async () => {
    const { connections } = program.database;
    if (program.provider.mode === 'off') throw new Error('this program sells nothing');
    const work = { connections, provider: program.provider, log: createLog('silent') };
    const [paid, over, open, lost, young] = await Promise.all(
      ['Paid', 'Over', 'Open', 'Lost', 'Young'].map(async (name) => {
        const customer = await program.signUp(name);
        return { customer, purchase: await order(program, customer) };
      }),
    );
    if (!paid || !over || !open || !lost || !young) throw new Error('there are five');
    await payHeld(program, paid.purchase);
    await payHeld(program, young.purchase);
    const hold = { delivery: { hold: true } };
    await control(program, `/sessions/${over.purchase.session_id}/expire`, hold);
    // Whoever asked for a payment page never heard of it.
    await program.database.query(
      'update payments set checkout_session_id = null, checkout_url = null where id = $1',
      [lost.purchase.payment_id],
    );
    for (const one of [paid, over, open]) await passTime(one.purchase, 1);
    await passTime(lost.purchase, 26);
    await Promise.all([checkLeft(work), checkLeft(work)]);
    expect(await paid.customer.available()).toBe(PAID);
    expect(await paymentsOf(over.customer)).toEqual(['cancelled']);
    expect(await paymentsOf(open.customer)).toEqual(['pending']);
    expect(await paymentsOf(lost.customer)).toEqual(['cancelled']);
    expect(await paymentsOf(young.customer)).toEqual(['pending']);
  });
});

describe('leaving the payment page', () => {
  test('closes the order, and its page at Stripe, so that nobody pays there later', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    const page = await ada.browser.get(`/w/${ada.slug}/buy?cancelled=${purchase.payment_id}`);
    expect(page.text).toContain('You left the payment');
    expect(page.text).toMatch(/value="starter" checked/);
    expect(await paymentsOf(ada)).toEqual(['cancelled']);
    expect(await sessionStatus(purchase)).toBe('expired');
  });

  test('after it was paid in another tab leads to the payment, and the credits are there', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    await payHeld(program, purchase);
    await ada.browser
      .get(`/w/${ada.slug}/buy?cancelled=${purchase.payment_id}`)
      .expect(303)
      .expect('Location', `/w/${ada.slug}/payments/${purchase.payment_id}`);
    expect(await ada.available()).toBe(PAID);
  });

  test("attack 17: somebody else's order is neither shown nor closed", async () => {
    const ada = await program.signUp();
    const eve = await program.signUp('Eve');
    const purchase = await order(program, ada);
    const path = `buy?cancelled=${purchase.payment_id}`;
    const page = await eve.browser.get(`/w/${eve.slug}/${path}`).expect(200);
    expect(page.text).not.toContain('You left the payment');
    await eve.browser.get(`/w/${ada.slug}/${path}`).expect(404);
    expect(await paymentsOf(ada)).toEqual(['pending']);
    expect(await sessionStatus(purchase)).toBe('open');
  });
});

describe('attack 42: two payment pages for one order', () => {
  /** An order whose first page was made though its answer was lost, and a second page for it. */
  async function twoPages(customer: Customer): Promise<[Purchase, Purchase]> {
    const nonce = randomUUID();
    const first = await order(program, customer, 'starter', nonce);
    await program.database.query(
      `update payments set checkout_session_id = null, checkout_url = null, checkout_tries = 2
       where id = $1`,
      [first.payment_id],
    );
    return [first, await order(program, customer, 'starter', nonce)];
  }

  test('both paid, whatever is told first and how often: both are booked, the second flagged', async () => {
    for (const turns of [0, 2, 3, 5]) {
      const ada = await program.signUp();
      const [first, second] = await twoPages(ada);
      expect(second.payment_id).toBe(first.payment_id);
      for (const one of [first, second]) {
        const hold = { delivery: { hold: true } };
        await control(program, `/sessions/${one.session_id}/pay`, hold);
      }
      const events = await eventsOf(program, first);
      const told = [...events.slice(turns), ...events.slice(0, turns)].map(({ id }) => id);
      await control(program, '/deliver', { events: told, mode: 'twice' });
      expect(await ada.available(), `${turns}`).toBe(PAID_TWICE);
      expect(await paymentsOf(ada)).toEqual(['completed', 'completed again']);
      const [row] = await program.database.query<{ sessions: string; intents: string }>(
        `select count(distinct checkout_session_id) as sessions,
           count(distinct payment_intent_id) as intents from payments where workspace_id = $1`,
        [ada.workspace_id],
      );
      expect(row).toEqual({ sessions: '2', intents: '2' });
      const flagged = await program.database.query<{ note: string }>(
        `select note from stripe_events where payment_id = $1 and state = 'flagged'`,
        [first.payment_id],
      );
      expect(flagged.map(({ note }) => note)).toEqual([
        expect.stringContaining('paid a second time'),
      ]);
    }
  });

  test('one expires after the other was paid: nothing is lost', async () => {
    const ada = await program.signUp();
    const [first, second] = await twoPages(ada);
    const hold = { delivery: { hold: true } };
    await control(program, `/sessions/${first.session_id}/expire`, hold);
    const [expired] = await eventsOf(program, first);
    if (expired === undefined) throw new Error('nothing was told');
    await deliver(program, expired);
    // The other page is still open.
    expect(await paymentsOf(ada)).toEqual(['pending']);
    await control(program, `/sessions/${second.session_id}/pay`, {});
    await expect.poll(() => ada.available()).toBe(PAID);
    await deliver(program, expired);
    expect(await paymentsOf(ada)).toEqual(['completed']);
  });
});

describe('the payment page', () => {
  test('speaks the language of the reader, where Stripe does', () => {
    expect(
      ['de', 'de-AT', 'pt-BR', 'pt-PT', 'hi-IN', 'en-GB', 'en-US'].map(checkoutLocale),
    ).toEqual(['de', 'de', 'pt-BR', 'pt', 'hi-IN', 'en-GB', 'en']);
    expect([undefined, 'ga', '', 'constructor'].map(checkoutLocale)).toEqual(
      Array.from({ length: 4 }, () => 'auto'),
    );
  });

  test('adds the tax of the country when the seller wants it: stored apart, the credits as ordered', async () => {
    const taxed = await testProgram({ settings: { STRIPE_TAX: 'on' } });
    await control(taxed, '/settings', { tax_percent: 21 });
    const ada = await taxed.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/buy`);
    expect(page.text).toContain('prices before tax');
    const purchase = await order(taxed, ada);
    await control(taxed, `/sessions/${purchase.session_id}/pay`, {});
    await expect.poll(() => ada.available()).toBe(PAID);
    const [row] = await taxed.database.query(
      'select subtotal_minor::text, tax_minor::text, total_minor::text from payments where id = $1',
      [purchase.payment_id],
    );
    expect(row).toEqual({ subtotal_minor: '1000', tax_minor: '210', total_minor: '1210' });
    const payment = await ada.browser.get(`/w/${ada.slug}/payments/${purchase.payment_id}`);
    expect(payment.text).toContain('$2.10');
    await taxed.stop();
  });
});
