import { afterAll, beforeAll, expect, test } from 'vitest';
import { instantOf, rfc3339 } from '../../src/core/instant.ts';
import { bodyOf, get, newCustomer, newKey, read, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { aGrant } from '../support/wallet-states.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

async function grant(wallet_id: string, credits: bigint, expires_at: bigint | null = null) {
  const key = { namespace: 'test', key: `${credits} until ${expires_at}` };
  const details = { description: `Gift of ${credits}` };
  const outcome = await program.ledger.execute(
    aGrant(credits, { wallet_id, source: 'promo', expires_at, key, details }),
  );
  expect(outcome).toMatchObject({ outcome: 'done' });
}

test('GET /api/v1/lots tells what became of each lot, the newest first, by the page', async () => {
  const { external_id: customer, wallet_id } = await newCustomer(program, 10n);
  const tomorrow = instantOf(new Date()) + 86_400_000_001n;
  await grant(wallet_id, 5n, tomorrow);
  await grant(wallet_id, 1n);
  const order = { customer, operation: 'image.generate', quantity: '1' };
  await send(program, service, '/debits', order).expect(201);
  await send(program, service, '/holds', { ...order, ttl_seconds: 60 }).expect(201);
  const page = await read(program, service, '/lots', { customer, limit: '2' });
  expect(page.lots).toMatchObject([
    { lot: 3, granted: '1', held: '1', available: '0', expires_at: null },
    {
      ...{ lot: 2, entry: 2, source: 'promo', description: 'Gift of 5' },
      ...{ granted: '5', available: '0', held: '2', consumed: '3', expired: '0', removed: '0' },
      expires_at: rfc3339(tomorrow),
    },
  ]);
  const cursor = page.next_cursor ?? undefined;
  const last = await read(program, service, '/lots', { customer, limit: '2', cursor });
  expect(last).toMatchObject({
    lots: [{ lot: 1, source: 'purchase', granted: '10', available: '10' }],
    next_cursor: null,
  });
});

test('GET /api/v1/lots/:lot tells its story, the oldest first, with its own moves only', async () => {
  const { external_id: customer, wallet_id } = await newCustomer(program, 10n);
  await grant(wallet_id, 1n);
  const order = { customer, operation: 'image.generate', quantity: '1' };
  await send(program, service, '/debits', order).expect(201);
  await send(program, service, '/debits', order).expect(201);
  const story = await read(program, service, '/lots/1', { customer, limit: '2' });
  expect(story).toMatchObject({ lot: 1, granted: '10', consumed: '5', available: '5' });
  expect(story.entries).toMatchObject([
    { kind: 'grant', moves: [{ lot: 1, amount: '10' }] },
    { kind: 'debit', amount: '3', moves: [{ lot: 1, amount: '2' }] },
  ]);
  const cursor = story.next_cursor ?? undefined;
  const rest = await read(program, service, '/lots/1', { customer, limit: '2', cursor });
  expect(rest).toMatchObject({
    entries: [{ kind: 'debit', moves: [{ lot: 1, amount: '3' }] }],
    next_cursor: null,
  });
});

test.each(['0', '-1', '2', '1.0', '2147483648', '99999999999', 'x'])(
  'lot %j of a wallet with one is a 404',
  async (number) => {
    const { external_id: customer } = await newCustomer(program, 10n);
    const answer = await get(program, service, `/lots/${number}`, { customer }).expect(404);
    expect(bodyOf(answer).code).toBe('not_found');
  },
);
