import { afterAll, beforeAll, expect, test } from 'vitest';
import { bodyOf, get, newCustomer, newKey, read, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

async function spend(customer: string): Promise<string> {
  const order = { customer, operation: 'image.generate', quantity: '1' };
  return String(bodyOf(await send(program, service, '/debits', order).expect(201))['at']);
}

test('GET /api/v1/statement opens, closes and adds up, and the next opens as it closed', async () => {
  const { external_id: customer } = await newCustomer(program, 20n);
  const [, second, , fourth] = [
    await spend(customer),
    await spend(customer),
    await spend(customer),
    await spend(customer),
  ];
  const query = { customer, from: second, to: fourth };
  const statement = await read(program, service, '/statement', query);
  expect(statement).toMatchObject({
    ...{ from: second, to: fourth, carried: '0', next_cursor: null },
    opening: { available: '17', held: '0', debt: '0', balance: '17' },
    closing: { available: '11', balance: '11' },
    totals: [{ kind: 'debit', entries: 2, amount: '6', change: '-6' }],
    entries: [{ entry: 4 }, { entry: 3 }],
  });
  const next = { customer, from: fourth, to: '2999-01-01T00:00:00Z' };
  expect(await read(program, service, '/statement', next)).toMatchObject({
    opening: statement['closing'],
    closing: { balance: '8' },
  });
});

test('GET /api/v1/statement has its entries by the page, and is the same on each', async () => {
  const { external_id: customer } = await newCustomer(program, 20n);
  for (let count = 0; count < 4; count++) await spend(customer);
  const all = { customer, from: '2020-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z', limit: '2' };
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(program, service, '/statement', { ...all, cursor });
    expect(page).toMatchObject({ opening: { balance: '0' }, closing: { balance: '8' } });
    seen.push(...(page.entries ?? []).map(({ entry }) => entry));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual([5, 4, 3, 2, 1]);
});

test.each([
  [{ to: '2026-01-01T00:00:00Z' }, 'from'],
  [{ from: '2026-01-01T00:00:00Z' }, 'to'],
  [{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
  [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
  [{ from: 'NaN', to: '2026-01-01T00:00:00Z' }, 'from'],
])('a statement of %j is a 400 that names %s', async (times, field) => {
  const answer = await get(program, service, '/statement', { customer: 'x', ...times }).expect(400);
  expect(bodyOf(answer).errors).toMatchObject([{ field }]);
});
