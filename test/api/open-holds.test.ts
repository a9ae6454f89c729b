import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instantOf, rfc3339 } from '../../src/core/instant.ts';
import { newId } from '../../src/lib/ids.ts';
import { bodyOf, get, newCustomer, newKey, read, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { newWallet } from '../support/wallets.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

async function hold(customer: string, ttl_seconds: number): Promise<string> {
  const order = { customer, operation: 'image.generate', quantity: '1', ttl_seconds };
  return String(bodyOf(await send(program, service, '/holds', order).expect(201))['hold_id']);
}

test('GET /api/v1/holds has those that are open, the next deadline first, by the page', async () => {
  const { external_id: customer } = await newCustomer(program, 20n);
  const [late, soon, middle, released] = [
    await hold(customer, 600),
    await hold(customer, 60),
    await hold(customer, 300),
    await hold(customer, 30),
  ];
  await send(program, service, `/holds/${released}/release`, { customer }).expect(200);
  const page = await read(program, service, '/holds', { customer, limit: '2' });
  expect(page.holds).toMatchObject([
    {
      ...{ hold_id: soon, open: true, amount: '3', captured: '0', released: '0', entry: 3 },
      ...{ operation: 'image.generate', quantity: '1' },
    },
    { hold_id: middle },
  ]);
  const cursor = page.next_cursor ?? undefined;
  const last = await read(program, service, '/holds', { customer, limit: '2', cursor });
  expect(last).toMatchObject({ holds: [{ hold_id: late }], next_cursor: null });
});

test('GET /api/v1/holds/:hold_id tells what became of a hold, also of one that is settled', async () => {
  const { external_id: customer } = await newCustomer(program, 20n);
  const order = { customer, operation: 'image.generate', quantity: '2', ttl_seconds: 60 };
  const { hold_id, expires_at } = bodyOf(await send(program, service, '/holds', order).expect(201));
  const path = `/holds/${String(hold_id)}`;
  expect(await read(program, service, path, { customer })).toMatchObject({
    ...{ hold_id, expires_at, open: true, amount: '6', captured: '0', released: '0' },
  });
  await send(program, service, `${path}/capture`, { customer, quantity: '1' }).expect(200);
  expect(await read(program, service, path, { customer })).toMatchObject({
    ...{ open: false, captured: '3', released: '3' },
  });
});

test('a hold over its deadline is told as released, though no job has run', async () => {
  const wallet = await newWallet(program.database);
  const before = instantOf(new Date()) - 3_600_000_000n;
  await program.ledger.execute(wallet.grant(20n), before);
  const hold_id = newId();
  await program.ledger.execute(wallet.hold(3n, { hold_id, ttl_seconds: 60 }), before + 1n);
  const workspace = wallet.workspace_id;
  expect(await read(program, service, `/holds/${hold_id}`, { workspace })).toMatchObject({
    ...{ open: false, amount: '3', captured: '0', released: '3' },
    expires_at: rfc3339(before + 60_000_001n),
  });
  expect((await read(program, service, '/holds', { workspace })).holds).toEqual([]);
  expect(await read(program, service, '/balance', { workspace })).toMatchObject({
    ...{ available: '20', held: '0', entry: 2 },
  });
});

test.each([randomUUID(), 'x', '%00', '0'])('hold %j of nobody is a 404', async (id) => {
  const { external_id: customer } = await newCustomer(program, 20n);
  const answer = await get(program, service, `/holds/${id}`, { customer }).expect(404);
  expect(bodyOf(answer).code).toBe('not_found');
});
