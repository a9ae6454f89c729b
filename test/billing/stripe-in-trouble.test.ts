import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { control, heal, order } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ stripeTimeoutMilliseconds: 300 });
});
afterAll(() => program.stop());

const UNPAID = 50_000_000n;

function buy(customer: Customer, fields: Record<string, string>) {
  return customer.browser.post(`/w/${customer.slug}/buy`).type('form').send(fields);
}

async function paymentsOf(customer: Customer): Promise<unknown[]> {
  return program.database.query('select 1 from payments where workspace_id = $1', [
    customer.workspace_id,
  ]);
}

const TRY_AGAIN = 'Nothing was charged and your order is kept';

describe('attack 59: Stripe in trouble', () => {
  test.each([
    ['refuses the key', { kind: 'unauthorized' }, 'this seller'],
    ['wants fewer requests', { kind: 'rate_limit' }, TRY_AGAIN],
    ['answers with a page', { kind: 'html', times: 2 }, TRY_AGAIN],
    ['is gone', { kind: 'refused', times: 3 }, TRY_AGAIN],
    ['takes a minute', { kind: 'slow', times: 2, delay_ms: 1500 }, TRY_AGAIN],
    ['answers what the library takes for success', { kind: 'not_an_error' }, TRY_AGAIN],
    ['loses its answer', { kind: 'lost_answer', times: 3 }, TRY_AGAIN],
    ['has an error', { kind: 'server_error', times: 2 }, TRY_AGAIN],
  ])(
    '%s: the person is told, and the same form goes on with the same order',
    async (_name, fault, sentence) => {
      const ada = await program.signUp();
      // Known to Stripe from an order before, or new: either question may be the one that fails.
      for (const orders of [1, 2]) {
        const fields = { package: 'starter', nonce: randomUUID() };
        await control(program, '/faults', fault);
        const answer = await buy(ada, fields);
        await heal(program);
        expect(answer.status).toBe(503);
        expect(answer.text).toContain(sentence);
        expect(hiddenField(answer.text, 'nonce')).toBe(fields.nonce);
        const again = await buy(ada, fields).expect(303);
        const session = String(again.headers['location']).split('/').at(-1) ?? '';
        await control(program, `/sessions/${session}/pay`, {});
        await expect.poll(() => ada.available()).toBe(UNPAID + BigInt(orders) * 100_000_000n);
        expect(await paymentsOf(ada)).toHaveLength(orders);
      }
    },
  );

  test('a key that Stripe knows with other parameters is left for another one', async () => {
    const ada = await program.signUp();
    await order(program, ada);
    const fields = { package: 'starter', nonce: randomUUID() };
    await control(program, '/faults', { kind: 'lost_answer', times: 3 });
    await buy(ada, fields).expect(503);
    await heal(program);
    await program.database.query(`update people set locale = 'fr-CH' where email = $1`, [
      ada.email,
    ]);
    await buy(ada, fields).expect(303);
    expect(await paymentsOf(ada)).toHaveLength(2);
  });

  test('a customer whom somebody deleted at Stripe is made anew', async () => {
    const ada = await program.signUp();
    await order(program, ada);
    await program.database.query(
      `update stripe_customers set customer_id = 'cus_gone' || $1 where workspace_id = $1::uuid`,
      [ada.workspace_id],
    );
    await order(program, ada);
    const [row] = await program.database.query<{ customer_id: string }>(
      'select customer_id from stripe_customers where workspace_id = $1',
      [ada.workspace_id],
    );
    expect(row?.customer_id).not.toContain('gone');
  });
});
