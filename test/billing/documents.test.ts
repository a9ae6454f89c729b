import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ordered, settled } from '../support/orders.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ settings: { SELLER_NAME: 'Rate Sheet Ltd' } });
});
afterAll(() => program.stop());

describe('GET /w/:slug/payments', () => {
  test('lists the payments of the workspace with their invoices, in pages', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    for (let made = 0; made < 51; made++) await ordered(program, ada);
    const paid = await ordered(program, ada, { code: 'professional' });
    await settled(program, paid);
    const first = await ada.browser.get(`/w/${ada.slug}/payments`).expect(200);
    expect(first.text).toContain(`/w/${ada.slug}/payments/${paid.id}/invoice`);
    expect(first.text).toContain('550.00');
    const older = /\/payments\?before=[\w-]+/.exec(first.text)?.[0];
    const second = await ada.browser.get(`/w/${ada.slug}${older}`).expect(200);
    expect(second.text.match(/<tr><th scope="row">/g)).toHaveLength(2);
    expect(second.text).toContain('The first payment is shown');
    const others = await eve.browser.get(`/w/${eve.slug}/payments`).expect(200);
    expect(others.text).toContain('No payments yet');
  });
});

describe('GET /w/:slug/payments/:id/invoice', () => {
  test('says on the page and as PDF what was bought from whom by whom', async () => {
    const ada = await program.signUp();
    const payment = await ordered(program, ada, { code: 'professional', livemode: true });
    await settled(program, payment, { tax_minor: 855n });
    const path = `/w/${ada.slug}/payments/${payment.id}/invoice`;
    const page = await ada.browser.get(path).expect(200);
    for (const said of ['Rate Sheet Ltd', 'Ada Byron', '$45.00', '$8.55', '$53.55', '50 credits']) {
      expect(page.text).toContain(said);
    }
    expect(page.text).not.toContain('no money moved');
    const pdf = await ada.browser.get(`${path}.pdf`).buffer(true).expect(200);
    expect(pdf.headers['content-type']).toBe('application/pdf');
    expect(pdf.headers['content-disposition']).toMatch(
      /^inline; filename="invoice-\d{4}-\d+\.pdf"$/,
    );
    const body: unknown = pdf.body;
    const bytes = Buffer.isBuffer(body) ? body.toString('latin1') : '';
    expect(bytes.startsWith('%PDF-')).toBe(true);
    expect(bytes.match(/\/FontFile[23]? /g)?.length).toBeGreaterThan(1);
  });

  test("somebody else's, one of an unpaid order, and none at all are not there", async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const [paid, open] = [await ordered(program, ada), await ordered(program, ada)];
    await settled(program, paid);
    for (const end of ['invoice', 'invoice.pdf', 'stripe-receipt']) {
      await eve.browser.get(`/w/${eve.slug}/payments/${paid.id}/${end}`).expect(404);
      await ada.browser.get(`/w/${ada.slug}/payments/${open.id}/${end}`).expect(404);
      await ada.browser.get(`/w/${ada.slug}/payments/nonsense/${end}`).expect(404);
    }
  });
});

describe('GET /w/:slug/payments/:id/stripe-receipt', () => {
  test('leads to where Stripe shows its own', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    const events = await payHeld(program, purchase);
    await deliver(program, only(events, 'checkout.session.completed'));
    const path = `/w/${ada.slug}/payments/${purchase.payment_id}`;
    const invoice = await ada.browser.get(`${path}/invoice`).expect(200);
    expect(invoice.text).toContain(`${path}/stripe-receipt`);
    const answer = await ada.browser.get(`${path}/stripe-receipt`).expect(303);
    expect(String(answer.headers['location']).startsWith(`${program.stripe?.url}/`)).toBe(true);
  });
});
