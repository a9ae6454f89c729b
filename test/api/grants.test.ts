import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
let forTests: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
  forTests = await newKey(program, { livemode: false });
});
afterAll(() => program.stop());

const promo = (customer: string, more: object = {}) => ({
  ...{ customer, amount: '10', source: 'promo' },
  ...more,
});
const image = (customer: string, more: object = {}) => ({
  ...{ customer, operation: 'image.generate', quantity: '1' },
  ...more,
});
const someone = (): string => `someone-${randomUUID()}`;

describe('POST /api/v1/grants', () => {
  test('gives credits to a customer whom nobody has named before', async () => {
    const customer = someone();
    const grant = promo(customer, { source: 'welcome', expires_at: '2099-01-01T00:00:00Z' });
    const answer = await send(program, service, '/grants', grant).expect(201);
    expect(answer.body).toMatchObject({
      ...{ customer, source: 'welcome', amount: '10', available: '10', entry: 1 },
      expires_at: '2099-01-01T00:00:00.000000Z',
    });
    await send(program, service, '/debits', image(customer)).expect(201);
  });

  test('attack 28: 30 first uses of one customer id at once are one customer with one welcome bonus', async () => {
    const customer = someone();
    const welcome = promo(customer, { source: 'welcome' });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => send(program, service, '/grants', welcome, 'welcome')),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const fresh = answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined);
    expect(fresh).toHaveLength(1);
    const [row] = await program.database.query(
      `select count(*)::int as customers, sum(w.available)::text as available
       from workspaces s join wallets w on w.workspace_id = s.id and w.livemode
       where s.external_id = $1`,
      [customer],
    );
    expect(row).toEqual({ customers: 1, available: '10000000' });
  });

  test('the same key with another amount is refused', async () => {
    const ada = await newCustomer(program, 0n);
    await send(program, service, '/grants', promo(ada.external_id), 'one').expect(201);
    for (const more of [{ amount: '11' }, { priority: 5 }, { source: 'reward' }]) {
      const other = promo(ada.external_id, more);
      const answer = await send(program, service, '/grants', other, 'one').expect(422);
      expect(bodyOf(answer).code).toBe('idempotency_key_reused');
    }
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });

  test('the lower priority is spent first, and what is for other operations stays', async () => {
    const ada = await newCustomer(program, 0n);
    const grants = [
      { amount: '3', priority: 50 },
      { amount: '3', priority: 1 },
      { amount: '3', priority: 0, operations: ['message.send'] },
    ];
    for (const more of grants) {
      await send(program, service, '/grants', promo(ada.external_id, more)).expect(201);
    }
    await send(program, service, '/debits', image(ada.external_id)).expect(201);
    const left = await program.database.query(
      'select priority, available::text from lots where wallet_id = $1 order by number',
      [ada.wallet_id],
    );
    expect(left).toEqual([
      { priority: 50, available: '3000000' },
      { priority: 1, available: '0' },
      { priority: 0, available: '3000000' },
    ]);
  });

  test.each([
    ['amount', { amount: '0' }],
    ['amount', { amount: '-1' }],
    ['amount', { amount: 10 }],
    ['amount', { amount: '1e400' }],
    ['amount', { amount: 'NaN' }],
    ['source', { source: 'purchase' }],
    ['priority', { priority: -1 }],
    ['priority', { priority: 1.5 }],
    ['expires_at', { expires_at: 'tomorrow' }],
    ['operations.0', { operations: ['no.such'] }],
    ['operations', { operations: ['message.send', 'message.send'] }],
    ['paid', { paid: true }],
  ])('refuses and names %s in %j', async (field, wrong) => {
    const answer = await send(program, service, '/grants', promo(someone(), wrong)).expect(400);
    expect(bodyOf(answer).errors?.[0]?.field).toBe(field);
  });

  test('a key without the scope gives nothing', async () => {
    const ada = await newCustomer(program, 0n);
    const poor = await newKey(program, { scopes: ['debits:write', 'refunds:write'] });
    const answer = await send(program, poor, '/grants', promo(ada.external_id)).expect(403);
    expect(answer.body).toMatchObject({ code: 'scope_missing', scope: 'grants:write' });
    expect(await ada.stored()).toEqual([0, 0, 0]);
  });

  test('a key of a workspace gives its own live wallet nothing', async () => {
    const ada = await newCustomer(program, 0n);
    const own = await newKey(program, { workspace_id: ada.workspace_id });
    await send(program, own, '/grants', { amount: '10', source: 'promo' }).expect(403);
    expect(await ada.stored()).toEqual([0, 0, 0]);
  });

  test('a key for tests gives to the test wallet only', async () => {
    const ada = await newCustomer(program, 0n);
    await send(program, forTests, '/grants', promo(ada.external_id)).expect(201);
    expect(await ada.stored()).toEqual([0, 0, 0]);
  });
});

describe('a time of its own', () => {
  test('with a key for tests a wallet lives in the time that it is told', async () => {
    const customer = someone();
    const at = (day: number): object => ({ at: `2024-02-0${day}T00:00:00Z` });
    const expiring = { ...at(1), expires_at: '2024-02-03T00:00:00Z' };
    await send(program, forTests, '/grants', promo(customer, expiring)).expect(201);
    const debit = await send(program, forTests, '/debits', image(customer, at(2))).expect(201);
    expect(debit.body).toMatchObject({ at: '2024-02-02T00:00:00.000000Z', available: '7' });
    const late = await send(program, forTests, '/debits', image(customer, at(3))).expect(402);
    expect(late.body).toMatchObject({ code: 'insufficient_credits', available: '0' });
  });

  test('a time before the last entry or in the future is refused, and the same key again is not', async () => {
    const customer = someone();
    const grant = promo(customer, { at: '2024-02-02T00:00:00Z' });
    const first = await send(program, forTests, '/grants', grant, 'one').expect(201);
    for (const at of ['2024-02-01T00:00:00Z', '2024-02-02T00:00:00Z', '2999-01-01T00:00:00Z']) {
      const answer = await send(program, forTests, '/debits', image(customer, { at })).expect(422);
      expect(answer.body).toMatchObject({
        code: 'time_out_of_order',
        after: '2024-02-02T00:00:00.000000Z',
      });
    }
    const again = await send(program, forTests, '/grants', grant, 'one').expect(201);
    expect(again.body).toEqual(first.body);
  });

  test('every command of a test wallet takes one', async () => {
    const customer = someone();
    const at = (hour: number): object => ({ at: `2024-02-02T0${hour}:00:00Z` });
    const whose = { customer };
    await send(program, forTests, '/grants', promo(customer, at(1))).expect(201);
    const order = { ...image(customer, at(2)), ttl_seconds: 7200 };
    const held = await send(program, forTests, '/holds', order).expect(201);
    expect(bodyOf(held)['expires_at']).toBe('2024-02-02T04:00:00.000000Z');
    const path = `/holds/${String(bodyOf(held)['hold_id'])}`;
    const longer = { ...whose, ...at(3), ttl_seconds: 7200 };
    await send(program, forTests, `${path}/extend`, longer).expect(200);
    const used = { ...whose, ...at(4), quantity: '1' };
    const captured = await send(program, forTests, `${path}/capture`, used).expect(200);
    const entry = bodyOf(captured)['entry'];
    const refund = { ...whose, ...at(5), entry };
    const refunded = await send(program, forTests, '/refunds', refund).expect(201);
    expect(bodyOf(refunded)['at']).toBe('2024-02-02T05:00:00.000000Z');
  });

  test('a live key is refused by the name of the field, one of many too', async () => {
    const ada = await newCustomer(program, 10n);
    const own = image(ada.external_id, { at: '2024-02-02T00:00:00Z' });
    const answer = await send(program, service, '/debits', own).expect(400);
    expect(bodyOf(answer).errors?.[0]?.field).toBe('at');
    const debits = [{ ...own, idempotency_key: 'one' }];
    const many = await send(program, service, '/debits', { debits }).expect(200);
    expect(bodyOf(many).debits?.[0]).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });
});
