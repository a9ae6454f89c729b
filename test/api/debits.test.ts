import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setBudget } from '../../src/ledger/budgets.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

/** An image costs 3. */
const image = (customer: string, quantity = '1') => ({
  customer,
  operation: 'image.generate',
  quantity,
});

describe('POST /api/v1/debits', () => {
  test('charges the price and says what is left', async () => {
    const ada = await newCustomer(program, 10n);
    const answer = await send(program, service, '/debits', image(ada.external_id, '2')).expect(201);
    expect(answer.body).toMatchObject({
      wallet: ada.wallet_id,
      customer: ada.external_id,
      operation: 'image.generate',
      quantity: '2',
      entry: 2,
      amount: '6',
      available: '4',
      held: '0',
      debt: '0',
    });
    expect(bodyOf(answer)['at']).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
    expect(answer.headers['x-request-id']).toMatch(/^req_\w{8,}$/);
    expect(answer.headers['idempotent-replayed']).toBeUndefined();
    expect(await ada.stored()).toEqual([4, 0, 0]);
  });

  test('the same key again is the first answer again, and charges nothing', async () => {
    const ada = await newCustomer(program, 10n);
    const key = randomUUID();
    const first = await send(program, service, '/debits', image(ada.external_id), key).expect(201);
    await send(program, service, '/debits', image(ada.external_id)).expect(201);
    const again = await send(program, service, '/debits', image(ada.external_id), key).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await ada.stored()).toEqual([4, 0, 0]);
  });

  test('attack 53: one key 20 times at once is one debit, and all get the same body', async () => {
    const ada = await newCustomer(program, 10n);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        send(program, service, '/debits', image(ada.external_id), key).expect(201),
      ),
    );
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    const replayed = answers.filter((answer) => answer.headers['idempotent-replayed'] === 'true');
    expect(replayed).toHaveLength(19);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('attack 53: the same key with other content is refused, for somebody else it is another key', async () => {
    const [ada, eve] = [await newCustomer(program, 10n), await newCustomer(program, 10n)];
    const key = randomUUID();
    await send(program, service, '/debits', image(ada.external_id), key).expect(201);
    const other = await send(program, service, '/debits', image(ada.external_id, '2'), key);
    expect([other.status, bodyOf(other).code]).toEqual([422, 'idempotency_key_reused']);
    await send(program, service, '/debits', image(eve.external_id, '2'), key).expect(201);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('attack 53: keys that are empty, too long, not ASCII or missing are a 400', async () => {
    const ada = await newCustomer(program, 10n);
    for (const key of ['', ' ', 'x'.repeat(256), 'clé']) {
      const answer = await send(program, service, '/debits', image(ada.external_id), key);
      expect([answer.status, bodyOf(answer).code]).toEqual([400, 'idempotency_key_invalid']);
    }
    const none = await send(program, service, '/debits', image(ada.external_id)).unset(
      'Idempotency-Key',
    );
    expect([none.status, bodyOf(none).code]).toEqual([400, 'idempotency_key_missing']);
    await send(program, service, '/debits', image(ada.external_id), 'x'.repeat(255)).expect(201);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('attack 53: a key of a request that was not understood is good for the one that is', async () => {
    const ada = await newCustomer(program, 10n);
    const key = randomUUID();
    await send(program, service, '/debits', image(ada.external_id, 'one'), key).expect(400);
    const answer = await send(program, service, '/debits', image(ada.external_id), key).expect(201);
    expect(answer.headers['idempotent-replayed']).toBeUndefined();
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('too few credits: 402 with what is missing, and the key is free for another try', async () => {
    const ada = await newCustomer(program, 5n);
    const key = randomUUID();
    const answer = await send(program, service, '/debits', image(ada.external_id, '2'), key);
    expect(answer.status).toBe(402);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toMatchObject({
      status: 402,
      title: 'Payment Required',
      code: 'insufficient_credits',
      available: '5',
      required: '6',
      missing: '1',
      request_id: answer.headers['x-request-id'],
    });
    await send(program, service, '/debits', image(ada.external_id), key).expect(201);
    expect(await ada.stored()).toEqual([2, 0, 0]);
  });

  test('more than a budget has left: 402 that names it, and what else there is can be used', async () => {
    const ada = await newCustomer(program, 50n);
    const budget = { of: { operation: 'image.generate' }, period: 'all', hard: true } as const;
    const id = await inWorkspace(program.database.connections.app, ada.workspace_id, (trx) =>
      setBudget(trx, ada.wallet_id, { ...budget, limit_amount: 7n * CREDIT }),
    );
    await send(program, service, '/debits', image(ada.external_id, '2')).expect(201);
    const answer = await send(program, service, '/debits', image(ada.external_id)).expect(402);
    expect(answer.body).toMatchObject({
      code: 'budget_reached',
      blocked_by: { id, subject: 'operation:image.generate', period: 'all' },
      limit: '7',
      used: '6',
      required: '3',
      resets_at: null,
    });
    const order = { ...image(ada.external_id), allow_partial: true };
    const part = await send(program, service, '/debits', order).expect(201);
    expect(part.body).toMatchObject({ amount: '1', list_amount: '3', available: '43' });
  });

  test('attack 25: of 50 debits at once by 3 keys exactly those go through that are paid for', async () => {
    const ada = await newCustomer(program, 30n);
    const keys = [service, await newKey(program), await newKey(program)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        send(program, keys[index % 3] ?? '', '/debits', image(ada.external_id)),
      ),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([...Array<number>(10).fill(201), ...Array<number>(40).fill(402)]);
    expect(await ada.stored()).toEqual([0, 0, 0]);
  });

  test('attack 27: two debits of everything by two keys at once: exactly one', async () => {
    const ada = await newCustomer(program, 6n);
    const other = await newKey(program);
    const answers = await Promise.all(
      [service, other].map((key) => send(program, key, '/debits', image(ada.external_id, '2'))),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 402]);
    expect(await ada.stored()).toEqual([0, 0, 0]);
  });

  test('an unknown customer is made on first use, once, however many ask at once', async () => {
    const customer = `new-${randomUUID()}`;
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => send(program, service, '/debits', image(customer))),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(12).fill(402));
    const made = await program.database.query<{ kind: string; wallets: string }>(
      `select s.kind, count(w.id) as wallets from workspaces s join wallets w on w.workspace_id = s.id
       where s.external_id = $1 group by s.id`,
      [customer],
    );
    expect(made).toEqual([{ kind: 'external', wallets: '2' }]);
  });

  test('a part of it, when that is asked for, and what it would have cost', async () => {
    const ada = await newCustomer(program, 2n);
    const order = { ...image(ada.external_id), allow_partial: true };
    const answer = await send(program, service, '/debits', order).expect(201);
    expect(answer.body).toMatchObject({ amount: '2', list_amount: '3', available: '0' });
  });

  test('attack 55: a fault of ours is a 500 that keeps nothing, and the key is good for another try', async () => {
    const ada = await newCustomer(program, 10n);
    const query = (text: string) => program.database.query(text);
    await query(`create function fail() returns trigger language plpgsql as $$
      begin
        if new.key = 'unlucky' then raise exception 'a fault that the client must not read'; end if;
        return new;
      end $$`);
    await query(
      'create trigger fail before insert on entries for each row execute function fail()',
    );
    const answer = await send(program, service, '/debits', image(ada.external_id), 'unlucky');
    expect([answer.status, bodyOf(answer).code]).toEqual([500, 'internal']);
    expect(answer.text).not.toContain('must not read');
    await query('drop trigger fail on entries');
    expect(await ada.stored()).toEqual([10, 0, 0]);
    const again = await send(program, service, '/debits', image(ada.external_id), 'unlucky');
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, undefined]);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('says in the ledger who asked, for whom, when and why', async () => {
    const ada = await newCustomer(program, 5n);
    const order = {
      ...image(ada.external_id),
      on_behalf_of: 'user-7',
      occurred_at: '2026-01-02T03:04:05.000006+01:00',
      description: 'A cat on a wall',
      metadata: { job: '42' },
    };
    await send(program, service, '/debits', order).set('X-Request-Id', 'from-product').expect(201);
    const [entry] = await program.database.query(
      `select e.actor_kind, e.namespace, e.on_behalf_of, k.name as key, d.description, d.metadata,
         d.request_id, to_char(e.occurred_at at time zone 'UTC', 'HH24:MI:SS.US') as occurred
       from entries e join api_keys k on k.id = e.api_key_id and k.id = e.actor_id
       join entry_details d on d.wallet_id = e.wallet_id and d.seq = e.seq
       where e.wallet_id = $1 and e.kind = 'debit'`,
      [ada.wallet_id],
    );
    expect(entry).toEqual({
      actor_kind: 'api_key',
      namespace: 'api:service',
      on_behalf_of: 'user-7',
      key: 'test',
      description: 'A cat on a wall',
      metadata: { job: '42' },
      request_id: 'from-product',
      occurred: '02:04:05.000006',
    });
  });
});

describe('POST /api/v1/debits with many', () => {
  test('answers each by itself, in their order', async () => {
    const [ada, eve] = [await newCustomer(program, 10n), await newCustomer(program, 2n)];
    const key = randomUUID();
    const debits = [
      { ...image(ada.external_id), idempotency_key: key },
      { ...image(eve.external_id), idempotency_key: key },
      { ...image(ada.external_id), idempotency_key: key },
      { ...image(ada.external_id, '0'), idempotency_key: 'mine' },
      { ...image(ada.external_id), operation: 'no.such', idempotency_key: 'yours' },
      image(ada.external_id),
      7,
    ];
    const answer = await send(program, service, '/debits', { debits }).expect(200);
    const items = bodyOf(answer).debits ?? [];
    expect(items.map((item) => item['status'])).toEqual([201, 402, 201, 400, 422, 400, 400]);
    expect(items[0]).toMatchObject({ idempotency_key: key, amount: '3', replayed: false });
    expect(items[2]).toMatchObject({ entry: items[0]?.['entry'], replayed: true });
    expect(items[3]).toMatchObject({
      idempotency_key: 'mine',
      code: 'invalid_request',
      errors: [{ field: 'quantity' }],
    });
    expect(items[5]).toMatchObject({ errors: [{ field: 'idempotency_key' }] });
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('takes a thousand, and not one more', async () => {
    const ada = await newCustomer(program, 3_000n);
    const debits = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...image(ada.external_id),
        idempotency_key: `n${index}`,
      }));
    await send(program, service, '/debits', { debits: debits(1_000) }).expect(200);
    expect(await ada.stored()).toEqual([0, 0, 0]);
    const answer = await send(program, service, '/debits', { debits: debits(1_001) }).expect(400);
    expect(bodyOf(answer).errors).toEqual([
      { field: 'debits', message: 'Send at most 1000 debits at once.' },
    ]);
  });
});
