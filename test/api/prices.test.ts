import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import request from 'supertest';
import { ONE_UNIT } from '../../src/core/price-rules.ts';
import { addVersion } from '../../src/pricing/price-changes.ts';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { PICO, SELLER, aComponent, newOperation } from '../support/random-prices.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

const call = [
  aComponent({ code: 'call', label: 'Call', unit: 'call', charge: 'flat' }),
  aComponent({
    code: 'minute',
    label: 'Minute',
    unit: 'minute',
    price_pico: PICO / 2n,
    step: ONE_UNIT,
  }),
];

function read(path: string, key = service) {
  return request(program.url).get(`/api/v1${path}`).set('Authorization', `Bearer ${key}`);
}

describe('GET /api/v1/operations', () => {
  test('says what is on sale and what it costs this customer, now and later', async () => {
    const operation = await newOperation(program.database, call);
    const [ada, eve] = [await newCustomer(program, 0n), await newCustomer(program, 0n)];
    const valid_from = new Date(Date.now() + 3_600_000);
    const { workspace_id } = ada;
    const own = { operation, components: [aComponent()], actor: SELLER, workspace_id, valid_from };
    await program.database.connections.app.transaction().execute((trx) => addVersion(trx, own));
    const one = await read(`/operations/${operation}?customer=${ada.external_id}`).expect(200);
    expect(one.body).toMatchObject({
      code: operation,
      unit: 'unit',
      price: {
        version: 1,
        scope: 'general',
        components: [
          { code: 'call', charge: 'flat', price: '1' },
          { code: 'minute', charge: 'per_unit', price: '0.5', step: '1' },
        ],
      },
      upcoming: [
        {
          valid_from: valid_from.toISOString().replace('Z', '000Z'),
          price: { version: 1, scope: 'customer', components: [{ code: 'unit', price: '1' }] },
        },
      ],
    });
    const others = await read(`/operations/${operation}?customer=${eve.external_id}`);
    expect(bodyOf(others)).toMatchObject({ price: { scope: 'general' }, upcoming: [] });
    const all = await read(`/operations?customer=${ada.external_id}`).expect(200);
    const { operations } = bodyOf(all) as { operations?: { code: string }[] };
    expect(operations?.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['image.generate', operation]),
    );
  });

  test('needs no name with a key of a workspace, and the scope with any', async () => {
    const { workspace_id } = await newCustomer(program, 0n);
    const key = await newKey(program, { workspace_id });
    await read('/operations', key).expect(200);
    const named = await read('/operations?customer=somebody', key);
    expect([named.status, bodyOf(named).code]).toEqual([400, 'invalid_request']);
    const other = await newKey(program, { workspace_id, scopes: ['debits:write'] });
    const lacking = await read('/operations', other);
    expect([lacking.status, bodyOf(lacking).code]).toEqual([403, 'scope_missing']);
  });

  test('says 404 for what is not on sale and for a customer whom nobody named', async () => {
    const ada = await newCustomer(program, 0n);
    for (const path of [
      `/operations/no.such?customer=${ada.external_id}`,
      '/operations?customer=nobody-yet',
      `/operations/%00?customer=${ada.external_id}`,
    ]) {
      await read(path).expect(404);
    }
  });
});

describe('debits by components', () => {
  test('R2 charges a call and its started minutes, each by its own quantity', async () => {
    const operation = await newOperation(program.database, call);
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation, quantity: '1' };
    const debit = { ...order, components: { minute: '3.2' } };
    const answer = await send(program, service, '/debits', debit, 'call').expect(201);
    expect(answer.body).toMatchObject({ amount: '3', quantity: '1', available: '7' });
    const again = await send(program, service, '/debits', debit, 'call').expect(201);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const other = { ...order, components: { minute: '3.3' } };
    const reused = await send(program, service, '/debits', other, 'call');
    expect([reused.status, bodyOf(reused).code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('hold and capture them: what was held is set apart, what was used is charged', async () => {
    const operation = await newOperation(program.database, call);
    const ada = await newCustomer(program, 10n);
    const { external_id: customer } = ada;
    const order = { customer, operation, quantity: '1', ttl_seconds: 60 };
    const held = await send(program, service, '/holds', { ...order, components: { minute: '10' } });
    expect(held.body).toMatchObject({ amount: '6', held: '6' });
    const path = `/holds/${String(bodyOf(held)['hold_id'])}/capture`;
    const used = { customer, quantity: '1', components: { minute: '4' } };
    const captured = await send(program, service, path, used).expect(200);
    expect(captured.body).toMatchObject({ amount: '3', available: '7', held: '0' });
  });

  test('refuse a component that the price has not per unit, and what is no quantity', async () => {
    const operation = await newOperation(program.database, call);
    const ada = await newCustomer(program, 10n);
    const refusedAs = async (components: unknown) => {
      const order = { customer: ada.external_id, operation, quantity: '1', components };
      const answer = await send(program, service, '/debits', order);
      return [answer.status, bodyOf(answer).code];
    };
    for (const code of ['call', 'second', 'constructor']) {
      expect(await refusedAs({ [code]: '1' })).toEqual([422, 'component_unknown']);
    }
    const wrong = [
      { minute: 1 },
      { minute: '-1' },
      { minute: '1e400' },
      { minute: null },
      ['1'],
      3,
    ];
    for (const one of wrong) expect(await refusedAs(one)).toEqual([400, 'invalid_request']);
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });
});
