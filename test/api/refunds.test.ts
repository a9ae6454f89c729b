import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

type Fields = Record<string, unknown>;

describe('POST /api/v1/refunds', () => {
  test('gives back in parts, never more than was taken, once for each key', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '2' };
    const charge = await send(program, service, '/debits', order).expect(201);
    const { entry } = charge.body as { entry: number };
    const refund = (fields: Fields, key: string = randomUUID()) =>
      send(program, service, '/refunds', { customer: ada.external_id, entry, ...fields }, key);
    const first = await refund({ amount: '2.5', description: 'Blurred' }, 'part').expect(201);
    expect(first.body).toMatchObject({ refunded_entry: entry, amount: '2.5', available: '6.5' });
    const again = await refund({ amount: '2.5' }, 'part').expect(201);
    expect(again.body).toEqual(first.body);
    const above = await refund({ amount: '3.500001' }).expect(422);
    expect(above.body).toMatchObject({ code: 'refund_above_charge', refundable: '3.5' });
    const rest = await refund({}).expect(201);
    expect(rest.body).toMatchObject({ amount: '3.5', available: '10' });
    expect(bodyOf(await refund({}).expect(422)).code).toBe('refund_above_charge');
  });

  test('of what is no charge, or is not there, is a 404; of no number a 400', async () => {
    const [ada, eve] = [await newCustomer(program, 10n), await newCustomer(program, 10n)];
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    await send(program, service, '/debits', order).expect(201);
    const statusOf = async (fields: Fields): Promise<number> =>
      (await send(program, service, '/refunds', fields)).status;
    expect(await statusOf({ customer: ada.external_id, entry: 1 })).toBe(404);
    expect(await statusOf({ customer: ada.external_id, entry: 99 })).toBe(404);
    expect(await statusOf({ customer: eve.external_id, entry: 2 })).toBe(404);
    for (const entry of ['2', 1.5, -1, 0, 2 ** 53, null]) {
      expect(await statusOf({ customer: ada.external_id, entry })).toBe(400);
    }
    for (const amount of [1, '0', '-1', '1e3', '0.0000001']) {
      expect(await statusOf({ customer: ada.external_id, entry: 2, amount })).toBe(400);
    }
  });
});
