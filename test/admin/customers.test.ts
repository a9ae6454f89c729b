import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, newKey, send } from '../support/api.ts';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
let support: Browser;
beforeAll(async () => {
  program = await testProgram();
  support = await staffBrowser(program, 'support');
});
afterAll(() => program.stop());

const pageOf = ({ workspace_id }: Pick<Customer, 'workspace_id'>) =>
  `/admin/customers/${workspace_id}`;

async function findsBy(q: string): Promise<string[]> {
  const { text } = await support.get('/admin/customers').query({ q }).expect(200);
  return [...text.matchAll(/href="\/admin\/customers\/([\w-]{36})"/g)].map(([, id]) => id ?? '');
}

/** A customer of a product, as the product told of it. */
async function external(): Promise<{ external_id: string; workspace_id: string }> {
  const external_id = `user-${randomUUID()}`;
  const service = await newKey(program);
  const told = { customer: external_id, name: 'Zoë Ångström', email: `${external_id}@example.org` };
  await send(program, service, '/customers', told).expect(200);
  const [row] = await program.database.query<{ id: string }>(
    'select id from workspaces where external_id = $1',
    [external_id],
  );
  return { external_id, workspace_id: row?.id ?? '' };
}

describe('R7: a customer is found by', () => {
  test('the words of the name, however they are written, and by no part inside of one', async () => {
    const own = await program.signUp("Fenwick O'Hara-Lindqvist");
    for (const q of ['fenwick', 'LINDQVIST', "o'hara", 'lind fen', 'Fenwick O’Hara'.slice(0, 9)]) {
      expect(await findsBy(q), q).toContain(own.workspace_id);
    }
    for (const q of ['enwick', 'fenwick smith', "' or true --", "':*", '%', '\\']) {
      expect(await findsBy(q), q).not.toContain(own.workspace_id);
    }
  });

  test('the address and its beginning, in which no sign stands for another', async () => {
    const own = await program.signUp();
    const [name = ''] = own.email.split('@');
    for (const q of [own.email, own.email.toUpperCase(), name.slice(0, 10)]) {
      expect(await findsBy(q), q).toEqual([own.workspace_id]);
    }
    for (const q of [`_${own.email.slice(1)}`, `%${own.email.slice(3)}`]) {
      expect(await findsBy(q), q).toEqual([]);
    }
  });

  test("its ids, the person's, the wallet's and the slug", async () => {
    const own = await program.signUp();
    const [person] = await program.database.query<{ id: string }>(
      'select id from people where email = $1',
      [own.email],
    );
    for (const q of [own.workspace_id, own.wallet_id, own.slug, person?.id ?? '']) {
      expect(await findsBy(q), q).toEqual([own.workspace_id]);
    }
    expect(await findsBy(randomUUID())).toEqual([]);
  });

  test("Stripe's id, and what a product calls it and tells of it", async () => {
    const own = await external();
    await program.database.query(
      `insert into stripe_customers (workspace_id, provider, livemode, customer_id)
       values ($1, 'stripe', true, $2)`,
      [own.workspace_id, `cus_${own.external_id.replaceAll('-', '')}`],
    );
    const stripe = `cus_${own.external_id.replaceAll('-', '')}`;
    for (const q of [stripe, own.external_id, `${own.external_id}@EXAMPLE.org`]) {
      expect(await findsBy(q), q).toEqual([own.workspace_id]);
    }
    expect(await findsBy('zoë ång')).toContain(own.workspace_id);
  });
});

test('R7: filters go together, and pages of customers follow each other without a gap', async () => {
  const made = [];
  for (let count = 0; count < 3; count += 1) made.push(await program.signUp('Pagewise Person'));
  const frozen = made[1];
  await program.database.query('update wallets set frozen_at = now() where id = $1', [
    frozen?.wallet_id,
  ]);
  const query = { q: 'pagewise', kind: 'personal', state: 'frozen' };
  const { text } = await support.get('/admin/customers').query(query).expect(200);
  for (const one of made) expect(text.includes(pageOf(one))).toBe(one === frozen);
  const before = made[2]?.workspace_id ?? '';
  const older = await support.get('/admin/customers').query({ q: 'pagewise', before }).expect(200);
  expect(made.map((one) => older.text.includes(pageOf(one)))).toEqual([true, true, false]);
  const wrong = { q: 'pagewise', kind: 'x', state: 'y', before: 'z' };
  const all = await support.get('/admin/customers').query(wrong).expect(200);
  for (const one of made) expect(all.text).toContain(pageOf(one));
});

test('finance take customers out as a file, in which a name is no formula', async () => {
  const finance = await staffBrowser(program, 'finance');
  const own = await program.signUp('=HYPERLINK("//evil","Ada")');
  const file = await finance.get('/admin/customers.csv').query({ q: own.email }).expect(200);
  const lines = file.text.trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`${own.workspace_id},personal,"'=HYPERLINK(""//evil"",""Ada"")"`);
  expect(lines[1]).toContain(own.email);
  const audited = await program.database.query(
    "select actor_kind, after from audit_events where action = 'customers.exported'",
  );
  const after = { kind: null, state: null, searched: true };
  expect(audited).toEqual([{ actor_kind: 'person', after }]);
});

test('R7: the page of a customer says what there is, and where each credit came from and went', async () => {
  const own = await program.signUp('Margaret Hamilton');
  const page = await support.get(pageOf(own)).expect(200);
  expect(page.text).toContain('Welcome credits');
  expect(page.text).toContain(own.workspace_id);
  for (const path of [
    '/statistics',
    '/history',
    '/people',
    '/keys',
    '/alerts',
    '/audit',
    '/test',
  ]) {
    const one = await support.get(`${pageOf(own)}${path}`).expect(200);
    expect(one.text, path).toContain('Margaret Hamilton');
  }
  const entry = await support.get(`${pageOf(own)}/history/1`).expect(200);
  expect(entry.text).toContain('Welcome credits');
  await support.get(`${pageOf(own)}/history/999`).expect(404);
  await support.get(`${pageOf(own)}/test/history/1`).expect(404);
  const people = await support.get(`${pageOf(own)}/people`).expect(200);
  expect(people.text).toContain(own.email);
  await support.get(`/admin/customers/${randomUUID()}`).expect(404);
});

test('S11: transactions of a customer are counted by kind and operation, in all and of late', async () => {
  const { external_id, workspace_id } = await external();
  const service = await newKey(program);
  await send(program, service, '/grants', {
    ...{ customer: external_id, amount: '30', source: 'promo' },
  }).expect(201);
  for (const quantity of ['1', '2']) {
    const asked = { customer: external_id, operation: 'image.generate', quantity };
    bodyOf(await send(program, service, '/debits', asked).expect(201));
  }
  const { text } = await support.get(`${pageOf({ workspace_id })}/statistics`).expect(200);
  const row = (name: string) =>
    new RegExp(`<th scope="row">${name}</th>(.*?)</tr>`)
      .exec(text)?.[1]
      ?.replaceAll(/<[^>]+>/g, ' ');
  expect(row('Charged')?.trim().split(/\s+/)).toEqual(['2', '9.00', '2', '9.00']);
  expect(row('Credits granted')?.trim().split(/\s+/)).toEqual(['1', '30.00', '1', '30.00']);
});

test('a note is kept once, however often its form comes, and the customer does not see it', async () => {
  const own = await program.signUp();
  const form = { note: 'Called <b>twice</b>', nonce: randomUUID() };
  const write = () =>
    support
      .post(`${pageOf(own)}/notes`)
      .type('form')
      .send(form);
  const both = await Promise.all([write(), write()]);
  expect(both.map(({ status }) => status)).toEqual([303, 303]);
  const { text } = await support.get(pageOf(own)).expect(200);
  expect(text.match(/Called &lt;b&gt;twice/g)).toHaveLength(1);
  const other = { ...form, note: 'Another' };
  await support
    .post(`${pageOf(own)}/notes`)
    .type('form')
    .send(other)
    .expect(422);
  await support
    .post(`${pageOf(own)}/notes`)
    .type('form')
    .send({ ...form, note: ' ' })
    .expect(422);
  const activity = await own.browser.get(`/w/${own.slug}/activity`).expect(200);
  expect(activity.text).not.toContain('Called');
});
