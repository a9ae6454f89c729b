import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { usageIn } from '../../src/ledger/totals.ts';
import { type TestCustomer, bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

/** An image costs 3. Returns the number of the entry. */
async function charge(ada: TestCustomer, quantity: string, more: object = {}): Promise<number> {
  const order = { customer: ada.external_id, operation: 'image.generate', quantity, ...more };
  const answer = await send(program, service, '/debits', order).expect(201);
  return Number(bodyOf(answer)['entry']);
}

const correct = (ada: TestCustomer, entry: number | string, change: object, key?: string) =>
  send(
    program,
    service,
    `/entries/${entry}/correct`,
    { customer: ada.external_id, ...change },
    key,
  );

describe('POST /api/v1/entries/:entry/correct', () => {
  test('gives back what was charged and charges what it was, and each entry names the other', async () => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '3');
    const answer = await correct(ada, entry, { quantity: '2', description: 'Two' }).expect(201);
    expect(answer.body).toMatchObject({
      ...{ corrected_entry: entry, refund_entry: entry + 1, entry: entry + 2 },
      ...{ refunded: '9', amount: '6', operation: 'image.generate', quantity: '2' },
      ...{ available: '4', held: '0', debt: '0' },
    });
    const rows = await program.database.query(
      'select seq::int, kind, parent_seq::int from entries where wallet_id = $1 and seq > $2 order by seq',
      [ada.wallet_id, entry],
    );
    expect(rows).toEqual([
      { seq: entry + 1, kind: 'refund', parent_seq: entry },
      { seq: entry + 2, kind: 'debit', parent_seq: entry + 1 },
    ]);
    expect(await ada.stored()).toEqual([4, 0, 0]);
  });

  test('the same key again is the first answer again; for another change it is refused', async () => {
    const ada = await newCustomer(program, 20n);
    const entry = await charge(ada, '3');
    const first = await correct(ada, entry, { quantity: '2' }, 'one').expect(201);
    await charge(ada, '1');
    const again = await correct(ada, entry, { quantity: '2' }, 'one').expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    await correct(ada, entry, { quantity: '1' }, 'one').expect(422);
    const plain = { customer: ada.external_id, entry };
    await send(program, service, '/refunds', plain, 'one').expect(422);
    expect(await ada.stored()).toEqual([11, 0, 0]);
  });

  test('ten corrections of one charge at once: exactly one is made', async () => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '3');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => correct(ada, entry, { quantity: '1' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map((one) => bodyOf(one).code))).toEqual(
      new Set(['refund_above_charge']),
    );
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('attack 29: refunds, corrections and debits at once: never both the credits and what they paid for', async () => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '3');
    const whose = { customer: ada.external_id };
    const image = { ...whose, operation: 'image.generate', quantity: '1' };
    await Promise.all(
      Array.from({ length: 8 }).flatMap(() => [
        send(program, service, '/refunds', { ...whose, entry }),
        send(program, service, '/refunds', { ...whose, entry, amount: '2' }),
        correct(ada, entry, { quantity: '1' }),
        send(program, service, '/debits', image),
      ]),
    );
    const [row] = await program.database.query<{ back: string; spent: string }>(
      `select sum(amount) filter (where kind = 'refund' and parent_seq = $2) / 1000000 as back,
         sum(case kind when 'debit' then amount when 'refund' then -amount else 0 end) / 1000000
           as spent
       from entries where wallet_id = $1`,
      [ada.wallet_id, entry],
    );
    expect(Number(row?.back)).toBe(9);
    expect(await ada.stored()).toEqual([10 - Number(row?.spent), 0, 0]);
  });

  test('what cannot be paid changes nothing, and the key stays free', async () => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '3');
    const answer = await correct(ada, entry, { quantity: '4' }, 'one').expect(402);
    expect(answer.body).toMatchObject({ required: '12', available: '10', missing: '2' });
    expect(await ada.stored()).toEqual([1, 0, 0]);
    await correct(ada, entry, { quantity: '1' }, 'one').expect(201);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('another operation is charged by its price, and what it corrected can be corrected again', async () => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '3');
    const other = await correct(ada, entry, { operation: 'message.send' }).expect(201);
    expect(other.body).toMatchObject({ operation: 'message.send', quantity: '3', amount: '0.3' });
    const next = Number(bodyOf(other)['entry']);
    await correct(ada, entry, { quantity: '1' }).expect(422);
    await correct(ada, next, { quantity: '10' }).expect(201);
    expect(await ada.stored()).toEqual([9, 0, 0]);
  });

  test('a capture is corrected like a debit', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '3' };
    const held = await send(program, service, '/holds', { ...order, ttl_seconds: 60 }).expect(201);
    const path = `/holds/${String(bodyOf(held)['hold_id'])}/capture`;
    const used = { customer: ada.external_id, quantity: '2' };
    const captured = await send(program, service, path, used).expect(200);
    await correct(ada, String(bodyOf(captured)['entry']), { quantity: '1' }).expect(201);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('usage is counted as it was, where it was: an event of last year that comes late and was wrong', async () => {
    const ada = await newCustomer(program, 20n);
    const occurred_at = '2025-02-03T04:05:06Z';
    const entry = await charge(ada, '3', { occurred_at });
    await correct(ada, entry, { quantity: '2' }).expect(201);
    const [starts_at, ends_at] = ['2025-02-03', '2025-02-04'].map(
      (day) => BigInt(Date.parse(day)) * 1_000n,
    );
    if (starts_at === undefined || ends_at === undefined) throw new Error('there are two days');
    const window = { starts_at, ends_at };
    const { staff } = program.database.connections;
    expect(await usageIn(staff, ada.wallet_id, [window])).toEqual([
      {
        ...{ window, operation: 'image.generate', charges: 2n },
        ...{ spent_micro: 6_000_000n, quantity: 2_000_000n },
      },
    ]);
  });

  test('who is charged by tiers pays as if the first charge had never been', async () => {
    const ada = await newCustomer(program, 20n);
    const operation = 'piece.tiered';
    await program.database.query(
      `insert into operations (code, name, description, unit, position, made_by)
       values ($1, 'Tiered', '', 'piece', 99, 'test')`,
      [operation],
    );
    const tiers = { period: 'all', mode: 'graduated', bands: [{ up_to: '5000000', price: '0' }] };
    const component = { code: 'piece', label: 'Piece', unit: 'piece', charge: 'per_unit' };
    const components = [{ ...component, price: '1000000000000', tiers }];
    await program.database.query(
      `insert into price_rules (id, operation, version, valid_from, components, made_by)
       values ($1, $2, 1, now() - interval '1 day', $3, 'test')`,
      [randomUUID(), operation, JSON.stringify(components)],
    );
    const entry = await charge(ada, '7', { operation });
    expect(await ada.stored()).toEqual([18, 0, 0]);
    await correct(ada, entry, { quantity: '6' }).expect(201);
    expect(await ada.stored()).toEqual([19, 0, 0]);
    await charge(ada, '2', { operation });
    expect(await ada.stored()).toEqual([17, 0, 0]);
  });

  test.each(['1', '0', '99', '-1', '1.5', 'x', '9999999999999999999'])(
    'entry %s, which is no charge of the wallet, answers 404',
    async (entry) => {
      const ada = await newCustomer(program, 10n);
      await charge(ada, '1');
      await correct(ada, entry, { quantity: '1' }).expect(404);
    },
  );

  test('what cost nothing is not corrected: there is nothing to give back', async () => {
    const ada = await newCustomer(program, 10n);
    await program.database.query(
      `update wallets set unlimited_until = 'infinity', unlimited_reason = 'plan' where id = $1`,
      [ada.wallet_id],
    );
    const entry = await charge(ada, '1');
    const answer = await correct(ada, entry, { quantity: '2' }).expect(422);
    expect(bodyOf(answer).code).toBe('not_correctable');
  });

  test("somebody else's charge answers 404", async () => {
    const ada = await newCustomer(program, 10n);
    const eve = await newCustomer(program, 0n);
    const entry = await charge(ada, '1');
    await correct(eve, entry, { quantity: '1' }).expect(404);
    const own = await newKey(program, { workspace_id: eve.workspace_id });
    const path = `/entries/${entry}/correct`;
    await send(program, own, path, { quantity: '1' }).expect(404);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test.each([
    ['quantity', {}],
    ['quantity', { quantity: '0' }],
    ['quantity', { quantity: '-1' }],
    ['quantity', { quantity: 1 }],
    ['operation', { operation: '' }],
    ['amount', { quantity: '1', amount: '1' }],
  ])('refuses a correction and names %s in %j', async (field, wrong) => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '1');
    const answer = await correct(ada, entry, wrong).expect(400);
    expect(bodyOf(answer).errors?.[0]?.field).toBe(field);
  });

  test('a key that may not charge corrects nothing', async () => {
    const ada = await newCustomer(program, 10n);
    const entry = await charge(ada, '1');
    const poor = await newKey(program, { scopes: ['refunds:write'] });
    const body = { customer: ada.external_id, quantity: '3' };
    const answer = await send(program, poor, `/entries/${entry}/correct`, body).expect(403);
    expect(answer.body).toMatchObject({ code: 'scope_missing', scope: 'debits:write' });
  });
});

describe('occurred_at', () => {
  test('of a debit, one of many and a capture is kept, however long ago', async () => {
    const ada = await newCustomer(program, 20n);
    const occurred_at = '2019-02-03T04:05:06Z';
    await charge(ada, '1', { occurred_at });
    const one = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    const debits = [{ ...one, occurred_at, idempotency_key: 'late' }];
    await send(program, service, '/debits', { debits }).expect(200);
    const held = await send(program, service, '/holds', { ...one, ttl_seconds: 60 }).expect(201);
    const path = `/holds/${String(bodyOf(held)['hold_id'])}/capture`;
    const used = { customer: ada.external_id, quantity: '1', occurred_at };
    await send(program, service, path, used).expect(200);
    const rows = await program.database.query(
      'select kind from entries where wallet_id = $1 and occurred_at = $2 order by seq',
      [ada.wallet_id, occurred_at],
    );
    expect(rows.map(({ kind }) => String(kind))).toEqual(['debit', 'debit', 'capture']);
  });

  test('in the future is refused, and may be a little ahead of our clock', async () => {
    const ada = await newCustomer(program, 20n);
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const one = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    const late = { ...one, occurred_at: at(10) };
    const answer = await send(program, service, '/debits', late).expect(400);
    expect(bodyOf(answer).errors?.[0]?.field).toBe('occurred_at');
    await charge(ada, '1', { occurred_at: at(2) });
  });
});
