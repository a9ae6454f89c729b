import { randomUUID } from 'node:crypto';
import request, { type Test } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram();
  service = await newKey(program);
});
afterAll(() => program.stop());

const someone = (): string => `someone/${randomUUID()}`;
const save = (customer: string, more: object = {}): Test =>
  send(program, service, '/customers', { customer, ...more });
const read = (path: string, key = service): Test =>
  request(program.url).get(`/api/v1${path}`).set('Authorization', `Bearer ${key}`);
const pathOf = (customer: string): string => `/customers/${encodeURIComponent(customer)}`;

describe('POST /api/v1/customers', () => {
  test('makes a customer, and changes only what is given', async () => {
    const customer = someone();
    const made = await save(customer, { email: 'ada@example.com' }).expect(200);
    expect(made.body).toMatchObject({
      ...{ customer, name: customer, email: 'ada@example.com', time_zone: 'UTC' },
    });
    const named = await save(customer, { name: 'Ada', time_zone: 'Europe/Berlin' }).expect(200);
    expect(named.body).toEqual({
      ...bodyOf(made),
      ...{ name: 'Ada', time_zone: 'Europe/Berlin' },
    });
    await save(customer, { email: null }).expect(200);
    const found = await read(pathOf(customer)).expect(200);
    expect(found.body).toEqual({ ...bodyOf(named), email: null });
  });

  test('attack 28: 30 sign-ups of one customer id at once are one customer', async () => {
    const customer = someone();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 2 === 0
          ? save(customer, { name: 'Ada' })
          : send(program, service, '/debits', {
              ...{ customer, operation: 'image.generate', quantity: '1' },
            }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 402]));
    const [row] = await program.database.query(
      `select count(*)::int as wallets, count(distinct s.id)::int as customers
       from workspaces s join wallets w on w.workspace_id = s.id where s.external_id = $1`,
      [customer],
    );
    expect(row).toEqual({ wallets: 2, customers: 1 });
  });

  test('days and months are counted in the zone from before the first entry, for good', async () => {
    const ada = await newCustomer(program, 0n);
    const zone = async () =>
      program.database.query('select time_zone from wallets where id = $1', [ada.wallet_id]);
    await save(ada.external_id, { time_zone: 'Asia/Kolkata' }).expect(200);
    expect(await zone()).toEqual([{ time_zone: 'Asia/Kolkata' }]);
    const grant = { customer: ada.external_id, amount: '1', source: 'promo' };
    await send(program, service, '/grants', grant).expect(201);
    await save(ada.external_id, { time_zone: 'America/Lima' }).expect(200);
    expect(await zone()).toEqual([{ time_zone: 'Asia/Kolkata' }]);
  });

  test.each([
    ['customer', { customer: '' }],
    ['customer', { customer: 7 }],
    ['name', { name: 'a\u0000b' }],
    ['email', { email: 'nobody' }],
    ['time_zone', { time_zone: 'Mars/Olympus' }],
    ['time_zone', { time_zone: '+02:00' }],
    ['currency', { currency: 'EUR' }],
  ])('refuses to save a customer and names %s in %j', async (field, wrong) => {
    const answer = await save(someone(), wrong).expect(400);
    expect(bodyOf(answer).errors?.[0]?.field).toBe(field);
  });

  test('a key of a workspace neither makes nor sees customers', async () => {
    const ada = await newCustomer(program, 0n);
    const own = await newKey(program, { workspace_id: ada.workspace_id });
    await send(program, own, '/customers', { customer: someone() }).expect(403);
    await read('/customers', own).expect(403);
    await read(pathOf(ada.external_id), own).expect(403);
    await send(program, own, `${pathOf(ada.external_id)}/links`, {}).expect(403);
  });
});

const CustomerPage = z.object({
  customers: z.array(z.object({ customer: z.string() })),
  next_cursor: z.string().nullable(),
});

describe('GET /api/v1/customers', () => {
  test('all customers by pages, each once and in their order', async () => {
    const made = [someone(), someone(), someone()];
    for (const customer of made) await save(customer).expect(200);
    const seen: unknown[] = [];
    let query: string | undefined = 'limit=2';
    while (query !== undefined) {
      const page = await read(`/customers?${query}`).expect(200);
      const { customers, next_cursor } = CustomerPage.parse(page.body);
      seen.push(...customers.map(({ customer }) => customer));
      query = next_cursor === null ? undefined : `limit=2&cursor=${next_cursor}`;
    }
    expect(seen.slice(-3)).toEqual(made);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test.each(['limit=0', 'limit=101', 'limit=1e9', 'limit=-1', 'cursor=garbage', 'offset=1'])(
    'refuses a list of customers by %s',
    async (query) => {
      const answer = await read(`/customers?${query}`).expect(400);
      expect(bodyOf(answer).errors?.[0]?.field).toBe(query.split('=')[0]);
    },
  );

  test('nobody answers 404', async () => {
    await read(pathOf(someone())).expect(404);
    await send(program, service, `${pathOf(someone())}/links`, {}).expect(404);
  });

  test('a customer who is deactivated is not there any more', async () => {
    const ada = await newCustomer(program, 0n);
    await program.database.query('update workspaces set deactivated_at = now() where id = $1', [
      ada.workspace_id,
    ]);
    await read(pathOf(ada.external_id)).expect(404);
    await save(ada.external_id, { name: 'Eve' }).expect(404);
    const other = await newKey(program, { livemode: false });
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    await send(program, other, '/debits', order).expect(404);
  });
});

describe('top_up_url', () => {
  const image = { operation: 'image.generate', quantity: '1' };

  test('a 402 of an external customer has a link to a page that sells', async () => {
    const ada = await newCustomer(program, 0n);
    const order = { customer: ada.external_id, ...image };
    const answer = await send(program, service, '/debits', order).expect(402);
    const url = String(bodyOf(answer)['top_up_url']);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/c\?link=/);
    const followed = await program.browser().get(url.slice(program.url.length)).redirects(1);
    expect(followed.status).toBe(200);
    expect(followed.text).toContain('Buy credits');
  });

  test('a 402 of a workspace with members has their page, in holds and one of many too', async () => {
    const ada = await program.signUp();
    const own = await newKey(program, { workspace_id: ada.workspace_id });
    const much = { ...image, quantity: '1000' };
    const page = `${program.url}/w/${ada.slug}/buy`;
    const hold = await send(program, own, '/holds', { ...much, ttl_seconds: 60 }).expect(402);
    expect(bodyOf(hold)['top_up_url']).toBe(page);
    const debits = [{ ...much, idempotency_key: 'one' }];
    const many = await send(program, own, '/debits', { debits }).expect(200);
    expect(bodyOf(many).debits?.[0]).toMatchObject({ status: 402, top_up_url: page });
  });

  test('a 402 of a test wallet has none: nothing is sold to it', async () => {
    const ada = await newCustomer(program, 0n);
    const forTests = await newKey(program, { livemode: false });
    const order = { customer: ada.external_id, ...image };
    const answer = await send(program, forTests, '/debits', order).expect(402);
    expect(bodyOf(answer)['top_up_url']).toBeNull();
  });
});
