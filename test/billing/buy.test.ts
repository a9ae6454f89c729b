import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

function buy(customer: Customer, fields: Record<string, string>) {
  return customer.browser.post(`/w/${customer.slug}/buy`).type('form').send(fields);
}

async function paymentsOf(customer: Customer): Promise<{ status: string; total: string }[]> {
  return program.database.query(
    'select status, total_minor::text as total from payments where workspace_id = $1',
    [customer.workspace_id],
  );
}

describe('GET /w/:slug/buy', () => {
  test('shows the packages with their price a credit, the better value marked', async () => {
    const ada = await program.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/buy`).expect(200);
    expect(page.text).toContain('$45.00');
    expect(page.text).toContain('$0.0818');
    expect(page.text).toMatch(/Business[^]*Better value/);
    expect(page.text).toContain('Simulated payments');
  });
});

describe('POST /w/:slug/buy', () => {
  test('writes a pending payment and sends the buyer to the payment page', async () => {
    const ada = await program.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/buy`);
    const answer = await buy(ada, { package: 'business', nonce: hiddenField(page.text, 'nonce') });
    expect(answer.status).toBe(303);
    expect(String(answer.headers['location'])).toContain(`${program.stripe?.url}/c/pay/cs_test_`);
    expect(await paymentsOf(ada)).toEqual([{ status: 'pending', total: '8000' }]);
  });

  test('the same order sent eight times at once is one payment with one payment page', async () => {
    const ada = await program.signUp();
    const fields = { package: 'starter', nonce: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => buy(ada, fields)));
    expect(new Set(answers.map((answer) => String(answer.headers['location']))).size).toBe(1);
    expect(await paymentsOf(ada)).toHaveLength(1);
  });

  test('attack 16: the catalogue decides what is paid, prices and credits in the form are ignored', async () => {
    const ada = await program.signUp();
    const fields = { package: 'starter', price_minor: '1', credits: '999999', currency: 'USD' };
    await buy(ada, { ...fields, nonce: randomUUID() }).expect(303);
    expect(await paymentsOf(ada)).toEqual([{ status: 'pending', total: '1000' }]);
  });

  test('a package that is not on sale, none, or two are refused', async () => {
    const ada = await program.signUp();
    await buy(ada, { package: 'no-such', nonce: randomUUID() }).expect(422);
    await buy(ada, { nonce: randomUUID() }).expect(422);
    const two = `package=starter&package=business&nonce=${randomUUID()}`;
    await ada.browser.post(`/w/${ada.slug}/buy`).type('form').send(two).expect(422);
    expect(await paymentsOf(ada)).toHaveLength(0);
  });

  test('with no payment provider it says so, and shows the packages all the same', async () => {
    const without = await testProgram({ buying: false });
    const ada = await without.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/buy`).expect(200);
    expect(page.text).toContain('Buying is off');
    expect(page.text).toContain('$45.00');
    await buy(ada, { package: 'starter', nonce: randomUUID() }).expect(503);
    await without.stop();
  });
});

describe('GET /w/:slug/payments/:id', () => {
  test('waits while the webhook has not come, whatever the address says, and then shows what arrived', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada, 'professional');
    const path = `/w/${ada.slug}/payments/${purchase.payment_id}`;
    const events = await payHeld(program, purchase);
    const waiting = await ada.browser.get(`${path}?session_id=cs_test_made_up&paid=1`).expect(200);
    expect(waiting.text).toContain('Waiting for Stripe');
    expect(waiting.text).toContain('http-equiv="refresh"');
    expect(await ada.available()).toBe(50_000_000n);
    await deliver(program, only(events, 'checkout.session.completed'));
    const arrived = await ada.browser.get(path).expect(200);
    expect(arrived.text).toContain('+550');
    expect(arrived.text).not.toContain('http-equiv="refresh"');
  });

  test("somebody else's payment answers like none", async () => {
    const ada = await program.signUp();
    const eve = await program.signUp('Eve');
    const purchase = await order(program, ada);
    await eve.browser.get(`/w/${ada.slug}/payments/${purchase.payment_id}`).expect(404);
    await eve.browser.get(`/w/${eve.slug}/payments/${purchase.payment_id}`).expect(404);
    await eve.browser.get(`/w/${eve.slug}/payments/${randomUUID()}`).expect(404);
    await eve.browser.get(`/w/${eve.slug}/payments/nonsense`).expect(404);
  });
});
