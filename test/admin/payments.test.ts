import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, emit, only, order, payHeld } from '../support/purchases.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

test('attack 14: the admin area does not exist for a customer, however the path is written', async () => {
  const ada = await program.signUp();
  const purchase = await order(program, ada);
  for (const path of ['', '/', '/payments', '/PAYMENTS/', `/payments/${purchase.payment_id}`]) {
    await ada.browser.get(`/admin${path}`).expect(404);
    await ada.browser.head(`/ADMIN${path}`).expect(404);
    await ada.browser.post(`/admin${path}`).set('X-HTTP-Method-Override', 'GET').expect(404);
  }
  const stranger = await program.browser().get('/admin/payments').expect(303);
  expect(stranger.headers['location']).toContain('/sign-in');
});

test('R7: staff watch all payments and see what Stripe told of each and which lots it bought', async () => {
  const ada = await program.signUp();
  const purchase = await order(program, ada, 'professional');
  const completed = only(await payHeld(program, purchase), 'checkout.session.completed');
  await deliver(program, completed);
  const browser = await staffBrowser(program, 'support');
  const list = await browser.get('/admin/payments?status=completed').expect(200);
  expect(list.text).toContain(`/admin/payments/${purchase.payment_id}`);
  const none = await browser.get('/admin/payments?status=disputed').expect(200);
  expect(none.text).not.toContain(purchase.payment_id);
  const page = await browser.get(`/admin/payments/${purchase.payment_id}`).expect(200);
  expect(page.text).toContain(completed.id);
  expect(page.text).toContain('500.00');
  await browser.get('/admin/payments/01900000-0000-7000-8000-000000000000').expect(404);
  await browser.get('/admin/payments/x').expect(404);
  const forged = { id: 'pi_forged', object: 'payment_intent', amount: 'ten', metadata: {} };
  const id = await emit(program, 'payment_intent.succeeded', forged);
  await deliver(program, { id, type: 'payment_intent.succeeded' });
  expect((await browser.get('/admin/flagged').expect(200)).text).toContain(id);
});
