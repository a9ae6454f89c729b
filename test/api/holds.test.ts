import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type TestCustomer,
  bodyOf,
  lapseHolds,
  newCustomer,
  newKey,
  send,
} from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

type Fields = Record<string, unknown>;

/** Images cost 3 each. */
async function holdOf(customer: TestCustomer, quantity: string, more: Fields = {}) {
  const order = { operation: 'image.generate', quantity, ttl_seconds: 600, ...more };
  const answer = await send(program, service, '/holds', {
    customer: customer.external_id,
    ...order,
  }).expect(201);
  return answer.body as { hold_id: string; entry: number; at: string; expires_at: string };
}

/** What is done with a hold; answers the status and the body. */
async function act(
  customer: TestCustomer,
  hold_id: string,
  action: 'extend' | 'capture' | 'release',
  fields: Fields = {},
  key: string = randomUUID(),
): Promise<Fields & { status: number }> {
  const body = { customer: customer.external_id, ...fields };
  const answer = await send(program, service, `/holds/${hold_id}/${action}`, body, key);
  const { status } = answer;
  return { status, ...(answer.body as Fields) };
}

const setWallet = (customer: TestCustomer, change: string) =>
  program.database.query(`update wallets set ${change} where id = $1`, [customer.wallet_id]);

describe('POST /api/v1/holds', () => {
  test('sets credits apart until the deadline, and says when that is', async () => {
    const ada = await newCustomer(program, 10n);
    const hold = await holdOf(ada, '2');
    expect(hold).toMatchObject({
      wallet: ada.wallet_id,
      customer: ada.external_id,
      operation: 'image.generate',
      quantity: '2',
      amount: '6',
      available: '4',
      held: '6',
      debt: '0',
      open: true,
      captured: '0',
      released: '0',
    });
    expect(Date.parse(hold.expires_at) - Date.parse(hold.at)).toBe(600_000);
    expect(await ada.stored()).toEqual([4, 6, 0]);
  });

  test('attack 53: the same key is the same hold, once, also at once, and no debit', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    const key = randomUUID();
    const hold = (ttl_seconds: number) =>
      send(program, service, '/holds', { ...order, ttl_seconds }, key);
    const answers = await Promise.all([hold(60), hold(60), hold(60)]);
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    const other = await hold(61).expect(422);
    expect(bodyOf(other).code).toBe('idempotency_key_reused');
    const debit = await send(program, service, '/debits', order, key).expect(422);
    expect(bodyOf(debit).code).toBe('idempotency_key_reused');
    expect(await ada.stored()).toEqual([7, 3, 0]);
  });

  test('attack 52: what is held cannot be spent', async () => {
    const ada = await newCustomer(program, 10n);
    await holdOf(ada, '3');
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    const answer = await send(program, service, '/debits', order).expect(402);
    expect(answer.body).toMatchObject({
      balance: '10',
      available: '1',
      required: '3',
      missing: '2',
    });
  });

  test.each([0, -1, 1.5, '60', 1e9, null])('a deadline in %j seconds is refused', async (ttl) => {
    const answer = await send(program, service, '/holds', {
      customer: 'x',
      operation: 'image.generate',
      quantity: '1',
      ttl_seconds: ttl,
    }).expect(400);
    expect(bodyOf(answer).errors).toMatchObject([{ field: 'ttl_seconds' }]);
  });
});

describe('POST /api/v1/holds/:hold_id/capture, release and extend', () => {
  test('a capture charges what was used and gives back the rest', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '3');
    const key = randomUUID();
    const fields = { quantity: '2', description: 'Two of three' };
    const captured = await act(ada, hold_id, 'capture', fields, key);
    expect(captured).toMatchObject({
      status: 200,
      hold_id,
      operation: 'image.generate',
      quantity: '2',
      amount: '6',
      open: false,
      captured: '6',
      released: '3',
      available: '4',
      held: '0',
    });
    expect(await act(ada, hold_id, 'capture', fields, key)).toEqual(captured);
    expect(await ada.stored()).toEqual([4, 0, 0]);
  });

  test('several captures, and the last gives back the rest', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '3');
    const more = await act(ada, hold_id, 'capture', { quantity: '1', more_to_follow: true });
    expect(more).toMatchObject({ amount: '3', open: true, available: '1', held: '6' });
    const last = await act(ada, hold_id, 'capture', { quantity: '1' });
    expect(last).toMatchObject({ captured: '6', released: '3', open: false, available: '4' });
  });

  test('a release gives back all, and needs no body with a key of the wallet', async () => {
    const ada = await program.signUp();
    const key = await newKey(program, { workspace_id: ada.workspace_id });
    const order = { operation: 'image.generate', quantity: '1', ttl_seconds: 60 };
    const made = await send(program, key, '/holds', order).expect(201);
    const { hold_id } = made.body as { hold_id: string };
    const answer = await send(program, key, `/holds/${hold_id}/release`, undefined).expect(200);
    expect(answer.body).toMatchObject({ hold_id, amount: '3', available: '50', released: '3' });
  });

  test('an extension moves the deadline, never beyond what the wallet allows', async () => {
    const ada = await newCustomer(program, 10n);
    await setWallet(ada, 'hold_max_seconds = 900');
    const hold = await holdOf(ada, '1');
    const extended = await act(ada, hold.hold_id, 'extend', { ttl_seconds: 100_000 });
    expect(extended).toMatchObject({ status: 200, amount: '0', open: true });
    expect(Date.parse(String(extended['expires_at'])) - Date.parse(hold.at)).toBe(900_000);
  });

  test('a hold keeps its price, whatever the rule says by then', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '2');
    await program.database.query(
      `insert into price_rules (id, operation, version, workspace_id, valid_from, components, made_by)
       select gen_random_uuid(), operation, 2, $1, now(),
         jsonb_set(components, '{0,price}', '"9000000000000"'), 'test'
       from price_rules where operation = 'image.generate' and workspace_id is null`,
      [ada.workspace_id],
    );
    const captured = await act(ada, hold_id, 'capture', { quantity: '2' });
    expect(captured).toMatchObject({ status: 200, amount: '6', available: '4' });
  });

  test('attack 51: capture twice, and release after it, are a 409 with the final state', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '3');
    await act(ada, hold_id, 'capture', { quantity: '1' });
    const final = { status: 409, code: 'hold_closed', captured: '3', released: '6' };
    expect(await act(ada, hold_id, 'capture', { quantity: '1' })).toMatchObject(final);
    expect(await act(ada, hold_id, 'release')).toMatchObject(final);
    expect(await act(ada, hold_id, 'extend', { ttl_seconds: 60 })).toMatchObject(final);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('attack 51: captures and releases at once: exactly one', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '3');
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0
          ? act(ada, hold_id, 'capture', { quantity: '3' })
          : act(ada, hold_id, 'release'),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(11).fill(409)]);
  });

  test('attack 51: a capture above the hold is refused, or charged, by the wallet’s policy', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '1');
    const above = await act(ada, hold_id, 'capture', { quantity: '2' });
    const refused = { status: 422, code: 'capture_above_hold', required: '6', held: '3' };
    expect(above).toMatchObject(refused);
    await setWallet(ada, `capture_above_hold = 'debit'`);
    const most = await act(ada, hold_id, 'capture', { quantity: '4' });
    expect(most).toMatchObject({ status: 402, required: '9', missing: '2' });
    const captured = await act(ada, hold_id, 'capture', { quantity: '2' });
    expect(captured).toMatchObject({ amount: '3', list_amount: '6', available: '4', held: '0' });
  });

  test('attack 51: a capture after the deadline is a 409, and all has come back', async () => {
    const ada = await newCustomer(program, 10n);
    const { hold_id } = await holdOf(ada, '3');
    await lapseHolds(program, ada);
    const late = await act(ada, hold_id, 'capture', { quantity: '3' });
    expect(late).toMatchObject({ status: 409, captured: '0' });
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '3' };
    await send(program, service, '/debits', order).expect(201);
  });

  test('a hold that has lapsed is told so when it is asked for again, before a job has run', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '3' };
    const key = randomUUID();
    const hold = () => send(program, service, '/holds', { ...order, ttl_seconds: 60 }, key);
    await hold().expect(201);
    await lapseHolds(program, ada);
    const again = await hold().expect(201);
    expect(again.body).toMatchObject({ open: false, captured: '0', released: '9' });
    await send(program, service, '/debits', order).expect(201);
  });

  test("attack 13: somebody else's hold is a 404 like one that does not exist, and stays", async () => {
    const [ada, eve] = [await newCustomer(program, 10n), await newCustomer(program, 10n)];
    const { hold_id } = await holdOf(ada, '3');
    const stranger = await newKey(program, { workspace_id: eve.workspace_id });
    const test_key = await newKey(program, { livemode: false });
    const bodyFor = { capture: { quantity: '1' }, release: {}, extend: { ttl_seconds: 60 } };
    for (const [action, fields] of Object.entries(bodyFor)) {
      const path = (id: string): string => `/holds/${id}/${action}`;
      const none = await send(program, stranger, path(randomUUID()), fields).expect(404);
      const others = await send(program, stranger, path(hold_id), fields).expect(404);
      const { request_id: one, ...said } = bodyOf(others);
      const { request_id: another, ...saidOfNone } = bodyOf(none);
      expect(one).not.toBe(another);
      expect(said).toEqual(saidOfNone);
      await send(program, service, path(hold_id), {
        customer: eve.external_id,
        ...fields,
      }).expect(404);
      await send(program, service, path(hold_id), { customer: 'nobody', ...fields }).expect(404);
      await send(program, test_key, path(hold_id), {
        customer: ada.external_id,
        ...fields,
      }).expect(404);
      await send(program, stranger, path('not-an-id'), fields).expect(404);
    }
    expect(await ada.stored()).toEqual([1, 9, 0]);
    const made = await program.database.query(
      `select 1 from workspaces where external_id = 'nobody'`,
    );
    expect(made).toEqual([]);
  });
});
