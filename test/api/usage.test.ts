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

async function use(customer: string, operation: string, quantity: string, occurred_at: string) {
  const order = { customer, operation, quantity, occurred_at };
  return bodyOf(await send(program, service, '/debits', order).expect(201))['entry'];
}

test('GET /api/v1/usage tells credits and quantities of each operation, by when it happened', async () => {
  const { external_id: customer } = await newCustomer(program, 100n);
  await use(customer, 'image.generate', '1', '2026-03-01T10:00:00Z');
  const entry = await use(customer, 'image.generate', '2', '2026-03-02T10:00:00Z');
  await use(customer, 'voice.call', '1.5', '2026-03-02T10:10:00Z');
  await use(customer, 'voice.call', '1', '2026-03-03T00:00:00Z');
  await send(program, service, '/refunds', { customer, entry, amount: '1' }).expect(201);
  const times = { from: '2026-03-01T00:00:00Z', to: '2026-03-03T00:00:00Z' };
  expect(await read(program, service, '/usage', { customer, ...times })).toMatchObject({
    usage: [
      {
        ...{ starts_at: '2026-03-01T00:00:00.000000Z', ends_at: '2026-03-03T00:00:00.000000Z' },
        ...{ operation: 'image.generate', charges: 2, quantity: '3', amount: '9' },
      },
      { operation: 'voice.call', charges: 1, quantity: '1.5', amount: '2' },
    ],
  });
});

test('GET /api/v1/usage goes by the days and hours of a time zone', async () => {
  const { external_id: customer } = await newCustomer(program, 100n);
  await use(customer, 'image.generate', '1', '2026-03-28T22:59:00Z');
  await use(customer, 'image.generate', '1', '2026-03-28T23:00:00Z');
  await use(customer, 'image.generate', '1', '2026-03-29T21:59:00Z');
  const by = async (group_by: string, time_zone?: string) => {
    const times = { from: '2026-03-28T12:00:00Z', to: '2026-03-29T22:00:00Z' };
    const query = { customer, ...times, group_by, time_zone };
    const { usage } = await read(program, service, '/usage', query);
    return usage?.map(({ starts_at, ends_at, charges }) => {
      return [String(starts_at).slice(5, 16), String(ends_at).slice(5, 16), charges];
    });
  };
  // The night in which clocks are put forward: a day of 23 hours.
  expect(await by('day', 'Europe/Berlin')).toEqual([
    ['03-27T23:00', '03-28T23:00', 1],
    ['03-28T23:00', '03-29T22:00', 2],
  ]);
  expect(await by('day')).toEqual([
    ['03-28T00:00', '03-29T00:00', 2],
    ['03-29T00:00', '03-30T00:00', 1],
  ]);
  expect(await by('hour', 'asia/kolkata')).toEqual([
    ['03-28T22:30', '03-28T23:30', 2],
    ['03-29T21:30', '03-29T22:30', 1],
  ]);
  expect(await by('month', 'Europe/Berlin')).toEqual([['02-28T23:00', '03-31T22:00', 3]]);
});

const times = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' };
test.each([
  [{ to: times.to }, 'from'],
  [{ from: times.from }, 'to'],
  [{ ...times, to: times.from }, 'to'],
  [{ ...times, to: '2029-01-01T00:00:00Z' }, 'to'],
  [{ ...times, to: '2026-04-02T00:00:00Z', group_by: 'hour' }, 'to'],
  [{ ...times, from: '1999-12-31T23:00:00Z', to: '2000-01-02T00:00:00Z' }, 'from'],
  [{ ...times, from: '2199-12-31T00:00:00Z', to: '2200-01-02T00:00:00Z' }, 'to'],
  [{ ...times, group_by: 'second' }, 'group_by'],
  [{ ...times, group_by: 'all' }, 'group_by'],
  [{ ...times, time_zone: 'Mars/Olympus' }, 'time_zone'],
  [{ ...times, time_zone: '+05:17' }, 'time_zone'],
  [{ ...times, time_zone: '' }, 'time_zone'],
])('usage of %j is a 400 that names %s', async (query, field) => {
  const { external_id: customer } = await newCustomer(program, 0n);
  const answer = await get(program, service, '/usage', { customer, ...query }).expect(400);
  expect(bodyOf(answer).errors).toMatchObject([{ field }]);
});
