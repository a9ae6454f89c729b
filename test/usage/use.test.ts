import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

/** Runs an operation as the form does without JavaScript. */
function run(customer: Customer, fields: Record<string, string>) {
  return customer.browser.post(`/w/${customer.slug}/use`).type('form').send(fields);
}

const image = (quantity: string, nonce: string = randomUUID()) => ({
  operation: 'image.generate',
  quantity,
  nonce,
});

describe('POST /w/:slug/use', () => {
  test('charges the price, once, and tells where the entry is', async () => {
    const ada = await program.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/use`).expect(200);
    const answer = await run(ada, image('2', hiddenField(page.text, 'nonce'))).expect(303);
    expect(answer.headers['location']).toBe(`/w/${ada.slug}/use?entry=2&outcome=charged`);
    expect(await ada.available()).toBe(44_000_000n);
    const told = await ada.browser.get(String(answer.headers['location'])).expect(200);
    expect(told.text).toContain('Image: 6.00 charged.');
    expect(told.text).toMatch(/value="image.generate"[^>]* checked/);
    expect(hiddenField(told.text, 'nonce')).not.toBe(hiddenField(page.text, 'nonce'));
    expect(told.text).toMatch(/name="quantity"[^>]* value="2"/);
  });

  test('the same form sent twice, and twice at once, is one debit', async () => {
    const ada = await program.signUp();
    const nonce = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => run(ada, image('1', nonce))));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(303));
    const charged = answers.filter((one) => /charged/.test(String(one.headers['location'])));
    expect(charged).toHaveLength(1);
    expect(await ada.available()).toBe(47_000_000n);
  });

  test('the same form with another quantity is another debit', async () => {
    const ada = await program.signUp();
    const nonce = randomUUID();
    await run(ada, image('1', nonce)).expect(303);
    await run(ada, image('2', nonce)).expect(303);
    expect(await ada.available()).toBe(41_000_000n);
  });

  test('too few credits: 402 with what is missing and a way to buy, and nothing is written', async () => {
    const ada = await program.signUp();
    const answer = await run(ada, image('17')).expect(402);
    expect(answer.text).toContain('Not enough credits for Image');
    expect(answer.text).toMatch(/Missing<\/dt><dd[^>]*>1\.00/);
    expect(answer.text).toContain(`/w/${ada.slug}/buy`);
    expect(await ada.available()).toBe(50_000_000n);
    const rows = await program.database.query(`select 1 from entries where wallet_id = $1`, [
      ada.wallet_id,
    ]);
    expect(rows).toHaveLength(1);
  });

  test('a refusal does not use up the key: after more credits came the same form goes through', async () => {
    const ada = await program.signUp();
    const order = image('17');
    await run(ada, order).expect(402);
    await program.ledger.execute({
      kind: 'grant',
      wallet_id: ada.wallet_id,
      amount_micro: 1_000_000n,
      source: 'adjustment',
      expires_at: null,
      key: { namespace: 'job', key: 'more' },
      asked: { actor_kind: 'job' },
    });
    await run(ada, order).expect(303);
    expect(await ada.available()).toBe(0n);
  });

  test('two spends racing for the last credits: exactly one', async () => {
    const ada = await program.signUp();
    const answers = await Promise.all([run(ada, image('16')), run(ada, image('16'))]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([303, 402]);
    expect(await ada.available()).toBe(2_000_000n);
  });

  test('htmx gets the form with a new nonce and the purse beside it', async () => {
    const ada = await program.signUp();
    const order = image('1');
    const answer = await run(ada, order)
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
      .expect(200);
    expect(answer.text).not.toContain('<html');
    expect(answer.text).toContain('hx-target="#purse"');
    expect(answer.text).toContain('47.00');
    expect(hiddenField(answer.text, 'nonce')).not.toBe(order.nonce);
  });

  test.each([
    ['nothing', ''],
    ['zero', '0'],
    ['a negative number', '-1'],
    ['words', 'ten'],
    ['an exponent', '1e400'],
    ['NaN', 'NaN'],
    ['seven decimals', '0.0000001'],
    ['more than anybody needs', '1000001'],
    ['a digit of another script', '１'],
  ])('%s as a quantity is refused at the field', async (_name, quantity) => {
    const ada = await program.signUp();
    const answer = await run(ada, image(quantity)).expect(422);
    expect(answer.text).toContain('f-quantity-error');
    expect(await ada.available()).toBe(50_000_000n);
  });

  test('an unknown operation, a list where one value stands and a made-up nonce are refused', async () => {
    const ada = await program.signUp();
    await run(ada, { ...image('1'), operation: 'no.such' }).expect(422);
    await run(ada, { ...image('1'), operation: 'image\0' }).expect(422);
    await run(ada, { ...image('1'), nonce: 'mine' }).expect(422);
    const twice = `operation=image.generate&operation=message.send&quantity=1&nonce=${randomUUID()}`;
    await ada.browser.post(`/w/${ada.slug}/use`).type('form').send(twice).expect(422);
    expect(await ada.available()).toBe(50_000_000n);
  });

  test('a body of 10 MB is refused before it is read', async () => {
    const ada = await program.signUp();
    await run(ada, image('1'.repeat(10_000_000))).expect(413);
  });

  test("somebody else's workspace answers like one that does not exist", async () => {
    const ada = await program.signUp();
    const eve = await program.signUp('Eve');
    for (const path of ['', '/history', '/history/1', '/use', '/buy']) {
      const answer = await eve.browser.get(`/w/${ada.slug}${path}`).expect(404);
      const none = await eve.browser.get(`/w/no-such-workspace${path}`).expect(404);
      expect(answer.text.length).toBe(none.text.length);
    }
    await eve.browser.post(`/w/${ada.slug}/use`).type('form').send(image('1')).expect(404);
    expect(await ada.available()).toBe(50_000_000n);
  });

  test('a page of another site cannot spend', async () => {
    const ada = await program.signUp();
    await run(ada, image('1')).set('Origin', 'https://evil.example').expect(403);
    expect(await ada.available()).toBe(50_000_000n);
  });
});
