import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { returnPath } from '../../src/billing/buy/return-paths.ts';
import { textOf } from '../support/pages.ts';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { control } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

/** Asks for more than there is, and follows the way to buy that the answer offers. */
async function runOut(
  customer: Customer,
  quantity: string,
): Promise<{ html: string; back: string }> {
  const { browser, slug } = customer;
  const sent = { operation: 'image.generate', quantity, nonce: randomUUID() };
  const refused = await browser.post(`/w/${slug}/use`).type('form').send(sent).expect(402);
  const href = /href="([^"]*run-out[^"]*)"/.exec(refused.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const { text: html } = await browser.get(href).expect(200);
  return { html, back: hiddenField(html, 'back').replaceAll('&amp;', '&') };
}

describe('when credits run out in the middle of work', () => {
  test('I7: the page offers the package with which it goes on, and comes back with what was entered', async () => {
    const ada = await program.signUp();
    const { html, back } = await runOut(ada, '40');
    expect(textOf(html)).toContain('Needed 120.00 Less what is available −50.00 Missing 70.00');
    expect(html).toContain('name="package" value="starter"');
    const nonce = hiddenField(html, 'nonce');
    const order = { package: 'starter', currency: 'USD', do: 'pay', nonce, back };
    const answer = await ada.browser.post(`/w/${ada.slug}/buy`).type('form').send(order);
    expect(answer.status).toBe(303);
    const [payment] = await program.database.query<{ id: string; session: string; path: string }>(
      `select id, checkout_session_id as session, return_path as path from payments
       where workspace_id = $1`,
      [ada.workspace_id],
    );
    expect(payment?.path).toBe(back);
    const left = await ada.browser.get(`/w/${ada.slug}/payments/${payment?.id ?? ''}`).expect(200);
    expect(left.text).toContain('on its way');
    await control(program, `/sessions/${payment?.session ?? ''}/pay`, {});
    const paid = `/w/${ada.slug}/payments/${payment?.id ?? ''}`;
    await expect
      .poll(async () => (await ada.browser.get(paid)).text, { timeout: 10_000 })
      .toContain('Go on where you were');
    const again = await ada.browser.get(back).expect(200);
    expect(again.text).toContain('value="40"');
    expect(again.text).toMatch(/value="image.generate"[^>]* checked/);
  });

  test('left without paying the way back is kept too', async () => {
    const ada = await program.signUp();
    const { html, back } = await runOut(ada, '17');
    const nonce = hiddenField(html, 'nonce');
    const order = { package: 'starter', currency: 'USD', do: 'pay', nonce, back };
    await ada.browser.post(`/w/${ada.slug}/buy`).type('form').send(order).expect(303);
    const [row] = await program.database.query<{ id: string }>(
      'select id from payments where workspace_id = $1',
      [ada.workspace_id],
    );
    const left = await ada.browser.get(`/w/${ada.slug}/buy?cancelled=${row?.id ?? ''}`).expect(200);
    expect(hiddenField(left.text, 'back').replaceAll('&amp;', '&')).toBe(back);
  });

  test('the largest package is offered for what no package covers, and none when there is enough', async () => {
    const ada = await program.signUp();
    const much = await ada.browser.get(`/w/${ada.slug}/buy/run-out?needed=90000`).expect(200);
    expect(much.text).toContain('name="package" value="business"');
    const little = await ada.browser.get(`/w/${ada.slug}/buy/run-out?needed=1`).expect(200);
    expect(textOf(little.text)).toContain('There are enough by now');
    await ada.browser.get(`/w/${ada.slug}/buy/run-out?needed=x&needed=y&back=`).expect(200);
  });

  test('htmx gets a dialog alone', async () => {
    const ada = await program.signUp();
    const { text } = await ada.browser
      .get(`/w/${ada.slug}/buy/run-out?needed=100`)
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
      .expect(200);
    expect(text.trim()).toMatch(/^<dialog data-modal[^]*<\/dialog>$/);
  });
});

describe('attack 21: the way back after buying', () => {
  test.each([
    'https://evil.example/',
    '//evil.example/w/ada/use',
    '/\\evil.example/w/ada/use',
    'javascript:alert(1)',
    '/w/ada/../../../evil',
    '/w/other/use',
    '/w/adam/use',
    '/w/ada/use\r\nSet-Cookie: a=b',
    '/w/ada/use\0',
    '\t/w/ada/use',
    `/w/ada/${'a'.repeat(2_000)}`,
    '',
    undefined,
    ['/w/ada/use', '/w/ada/use'],
  ])('%j is none', (said) => {
    expect(returnPath('/w/ada', said)).toBeUndefined();
  });

  test('is a page of the workspace, with its query', () => {
    const path = '/w/ada/use?operation=image.generate&quantity=1.5';
    expect(returnPath('/w/ada', path)).toBe(path);
    expect(returnPath('/w/ada', '/w/ada/x/../use?a=//evil')).toBe('/w/ada/use?a=//evil');
  });

  test('that leads elsewhere is left out of the form, the order and the page of the payment', async () => {
    const ada = await program.signUp();
    const evil = 'https://evil.example/';
    const page = await ada.browser.get(`/w/${ada.slug}/buy?back=${encodeURIComponent(evil)}`);
    expect(page.text).not.toContain('evil.example');
    const order = { package: 'starter', nonce: hiddenField(page.text, 'nonce'), back: evil };
    await ada.browser.post(`/w/${ada.slug}/buy`).type('form').send(order).expect(303);
    const [row] = await program.database.query<{ path: string | null }>(
      'select return_path as path from payments where workspace_id = $1',
      [ada.workspace_id],
    );
    expect(row).toEqual({ path: null });
  });
});

test('buying has one place: each of its pages leads to the others', async () => {
  const ada = await program.signUp();
  const places = ['buy', 'plans', 'auto-top-up', 'redeem', 'payments'];
  for (const place of places) {
    const { text } = await ada.browser.get(`/w/${ada.slug}/${place}`).expect(200);
    for (const other of places) expect(text, place).toContain(`href="/w/${ada.slug}/${other}"`);
  }
});
