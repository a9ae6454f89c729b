import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPayment, receiptNumberOf } from '../../src/billing/orders.ts';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';

const SETTINGS = { SELLER_NAME: 'Rate Sheet Ltd', SELLER_BANK: 'Rate Sheet Ltd|IBAN DE02 1203' };
let program: TestProgram;
let finance: Browser;
beforeAll(async () => {
  program = await testProgram({ settings: SETTINGS, buying: false });
  finance = await staffBrowser(program, 'finance');
});
afterAll(() => program.stop());

/** Orders 100 credits for $10, and the path of the payment. */
async function ordered(customer: Customer, nonce: string = randomUUID()): Promise<string> {
  const answer = await customer.browser
    .post(`/w/${customer.slug}/transfers`)
    .type('form')
    .send({ package: 'starter', nonce })
    .expect(303);
  return String(answer.headers['location']);
}

const CAME = { amount: '10.00', reference: 'NTRF 88213', received_on: '2026-01-20' };
const idIn = (path: string): string => path.split('/').at(-1) ?? '';

function mark(browser: Browser, path: string, fields: Partial<typeof CAME> = {}) {
  return browser
    .post(`/admin/payments/${idIn(path)}/transfer`)
    .type('form')
    .send({ ...CAME, ...fields });
}

const UNPAID = 50_000_000n;
const PAID = 150_000_000n;

describe('buying by bank transfer', () => {
  test('also where Stripe is off: an order, a pro-forma with account and reference, the money, the invoice', async () => {
    const ada = await program.signUp();
    const buy = await ada.browser.get(`/w/${ada.slug}/buy`).expect(200);
    expect(buy.text).toContain(`formaction="/w/${ada.slug}/transfers"`);
    const path = await ordered(ada);
    const payment = await findPayment(program.database.connections.staff, idIn(path));
    const number = receiptNumberOf({ id: idIn(path) });
    expect(payment).toMatchObject({ status: 'pending', provider: 'transfer', livemode: true });
    for (const page of [path, `${path}/pro-forma`]) {
      const { text } = await ada.browser.get(page).expect(200);
      for (const said of ['IBAN DE02 1203', number, '$10.00']) expect(text).toContain(said);
    }
    await ada.browser.get(`${path}/pro-forma.pdf`).expect(200).expect('Content-Type', /pdf/);
    await ada.browser.get(`${path}/invoice`).expect(404);
    // As the bank writes the reference.
    const written = `${number.slice(0, 4)} ${number.slice(4).toLowerCase()}`;
    const found = await finance.get('/admin/payments').query({ number: written }).expect(200);
    expect(found.text.match(/href="\/admin\/payments\/[\w-]{36}"/g)).toHaveLength(1);
    const form = await finance.get(`/admin/payments/${idIn(path)}`).expect(200);
    expect(form.text).toContain('Has the money come?');
    await mark(finance, path).expect(303);
    expect(await ada.available()).toBe(PAID);
    const invoice = await ada.browser.get(`${path}/invoice`).expect(200);
    expect(invoice.text).toContain('By bank transfer, 20 January 2026, NTRF 88213');
    const invoiceNumber = /<code>(\d{4}-\d{6})<\/code>/.exec(invoice.text)?.[1];
    const again = await finance.get('/admin/payments').query({ number: invoiceNumber });
    expect(again.text).toContain(idIn(path));
    await ada.browser.get(`${path}/pro-forma`).expect(404);
    const [audited] = await program.database.query(
      `select actor_kind, after from audit_events
       where subject_id = $1 and action = 'payment.transfer_received'`,
      [idIn(path)],
    );
    expect(audited).toMatchObject({ actor_kind: 'person', after: { reference: 'NTRF 88213' } });
  });

  test('the same order sent eight times at once is one payment', async () => {
    const ada = await program.signUp();
    const nonce = randomUUID();
    const paths = await Promise.all(Array.from({ length: 8 }, () => ordered(ada, nonce)));
    expect(new Set(paths).size).toBe(1);
  });

  test('a customer without an account orders by it, and sees order and invoice by the link', async () => {
    const service = await newKey(program);
    const customer = await newCustomer(program, 0n);
    const told = await send(program, service, `/customers/${customer.external_id}/links`, {});
    const browser = program.browser();
    const answer = await browser.get(String(bodyOf(told)['url']).slice(program.url.length));
    const base = String(answer.headers['location']);
    const fields = { package: 'starter', nonce: randomUUID() };
    const order = await browser.post(`${base}/transfers`).type('form').send(fields).expect(303);
    const path = String(order.headers['location']);
    await browser.get(`${path}/pro-forma`).expect(200);
    await mark(finance, path).expect(303);
    await browser.get(`${path}/invoice`).expect(200);
    const list = await browser.get(`${base}/payments`).expect(200);
    expect(list.text).toContain(`${path}/invoice`);
    expect(list.text).not.toContain('billing-details');
  });

  test('is not there where the seller has named no account', async () => {
    const without = await testProgram();
    const ada = await without.signUp();
    const buy = await ada.browser.get(`/w/${ada.slug}/buy`);
    expect(buy.text).not.toContain('bank transfer');
    const fields = { package: 'starter', nonce: randomUUID() };
    await ada.browser.post(`/w/${ada.slug}/transfers`).type('form').send(fields).expect(503);
    await without.stop();
  });
});

describe('marking a transfer as paid', () => {
  test('eight times at once, and then with another reference: the credits come once', async () => {
    const ada = await program.signUp();
    const path = await ordered(ada);
    const answers = await Promise.all(Array.from({ length: 8 }, () => mark(finance, path)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(303));
    const again = await mark(finance, path, { reference: 'NTRF 99999' }).expect(422);
    expect(again.text).toContain('paid already, by the transfer NTRF 88213');
    expect(await ada.available()).toBe(PAID);
  });

  test.each([
    ['too little', { amount: '9.99' }],
    ['too much', { amount: '10.01' }],
    ['another notation', { amount: '1e1' }],
    ['no reference', { reference: ' \u0000 ' }],
    ['no day', { received_on: '2026-02-30' }],
    ['a day to come', { received_on: '2999-01-01' }],
  ])('with %s is refused, and grants nothing', async (_name, fields) => {
    const ada = await program.signUp();
    const path = await ordered(ada);
    const answer = await mark(finance, path, fields).expect(422);
    expect(answer.text).toContain('The order is as it was.');
    expect(await ada.available()).toBe(UNPAID);
    await mark(finance, path).expect(303);
  });

  test('is for staff who move money: not for support, the buyer, or somebody without an account', async () => {
    const ada = await program.signUp();
    const path = await ordered(ada);
    await mark(await staffBrowser(program, 'support'), path).expect(403);
    await mark(ada.browser, path).expect(404);
    await mark(program.browser(), path)
      .expect(303)
      .expect('Location', /sign-in/);
    const support = await staffBrowser(program, 'support');
    const page = await support.get(`/admin/payments/${idIn(path)}`).expect(200);
    expect(page.text).not.toContain('Has the money come?');
    expect(await ada.available()).toBe(UNPAID);
  });

  test('races with the buyer who cancels: one of the two, and never credits for a cancelled order', async () => {
    const ada = await program.signUp();
    const paths = await Promise.all(Array.from({ length: 6 }, () => ordered(ada)));
    const results = await Promise.all(
      paths.map(async (path) => {
        const [marked] = await Promise.all([
          mark(finance, path),
          ada.browser.post(`${path}/cancel`).expect(303),
        ]);
        const payment = await findPayment(program.database.connections.staff, idIn(path));
        expect(payment?.status).toBe(marked.status === 303 ? 'completed' : 'cancelled');
        return marked.status === 303;
      }),
    );
    const paid = BigInt(results.filter(Boolean).length);
    expect(await ada.available()).toBe(UNPAID + paid * 100_000_000n);
  });

  test('after the buyer has cancelled is refused in a sentence; nobody cancels what is paid, or what is not theirs', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const [left, paid] = [await ordered(ada), await ordered(ada)];
    await eve.browser.post(left.replace(ada.slug, eve.slug) + '/cancel').expect(404);
    await ada.browser.post(`${left}/cancel`).expect(303);
    const answer = await mark(finance, left).expect(422);
    expect(answer.text).toContain('The buyer has cancelled this order');
    await mark(finance, paid).expect(303);
    await ada.browser.post(`${paid}/cancel`).expect(303);
    const payment = await findPayment(program.database.connections.staff, idIn(paid));
    expect(payment?.status).toBe('completed');
  });
});
