import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

/** An image costs 3. */
const image = (customer: string, quantity = '1') => ({
  ...{ customer, operation: 'image.generate', quantity },
});

async function spend(customer: string, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    await send(program, service, '/debits', image(customer)).expect(201);
  }
}

describe('GET /api/v1/entries', () => {
  test('tells what happened, the newest first, each as it was answered', async () => {
    const { external_id: customer } = await newCustomer(program, 10n);
    const order = {
      ...image(customer),
      ...{ on_behalf_of: 'Eve', occurred_at: '2026-01-02T03:04:05.000006Z' },
      ...{ description: 'A fox', metadata: { job: '17' } },
    };
    const debit = await send(program, service, '/debits', order, 'fox').expect(201);
    const { entries } = await read(program, service, '/entries', { customer });
    const { entry, amount, available, at } = bodyOf(debit);
    expect(entries?.[0]).toEqual({
      ...{ entry, amount, available, at, held: '0', debt: '0', balance: '7', change: '-3' },
      ...{ kind: 'debit', operation: 'image.generate', quantity: '1', asked_by: 'api_key' },
      moves: [{ lot: 1, from: 'available', to: 'consumed', amount: '3' }],
      api_key: expect.any(String) as unknown,
      ...{ on_behalf_of: 'Eve', occurred_at: '2026-01-02T03:04:05.000006Z' },
      ...{ description: 'A fox', metadata: { job: '17' }, idempotency_key: 'fox' },
    });
    expect(entries?.[1]).toMatchObject({ entry: 1, kind: 'grant', change: '10' });
  });

  test('comes in pages that have every entry once, though more are written meanwhile', async () => {
    const { external_id: customer } = await newCustomer(program, 100n);
    await spend(customer, 7);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await read(program, service, '/entries', { customer, limit: '3', cursor });
      seen.push(...(page.entries ?? []).map(({ entry }) => entry));
      cursor = page.next_cursor ?? undefined;
      await spend(customer, 1);
    } while (cursor !== undefined);
    expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    const news = await read(program, service, '/entries', { customer, above: '8' });
    expect(news.entries?.map(({ entry }) => entry)).toEqual([11, 10, 9]);
    expect(news.next_cursor).toBeNull();
  });

  test('finds the entry of an idempotency key, for keys of the same owner', async () => {
    const ada = await program.signUp();
    const own = await newKey(program, { workspace_id: ada.workspace_id });
    const order = { operation: 'image.generate', quantity: '1' };
    await send(program, own, '/debits', order, 'mine').expect(201);
    const of = async (key: string, more: Record<string, string> = {}) =>
      (await read(program, key, '/entries', { idempotency_key: 'mine', ...more })).entries;
    expect(await of(own)).toMatchObject([{ kind: 'debit', idempotency_key: 'mine' }]);
    expect(await of(service, { workspace: ada.slug })).toEqual([]);
    const seen = await read(program, service, '/entries', { workspace: ada.slug });
    expect(seen.entries?.[0]).not.toHaveProperty('idempotency_key');
  });
});

describe('GET /api/v1/entries/:entry', () => {
  test('explains a charge: its lots, its lines, the version of its price, what came back', async () => {
    const { external_id: customer, wallet_id } = await newCustomer(program, 10n);
    const said = { source: 'promo', details: { description: 'Spring' } } as const;
    await program.ledger.execute(aGrant(2n, { wallet_id, ...said }));
    const call = { customer, operation: 'voice.call', quantity: '15.5' };
    const debit = await send(program, service, '/debits', call).expect(201);
    const { entry, amount } = bodyOf(debit);
    await send(program, service, '/refunds', { customer, entry, amount: '0.5' }).expect(201);
    const explained = await read(program, service, `/entries/${String(entry)}`, { customer });
    expect(explained).toMatchObject({
      ...{ entry, amount, kind: 'debit', quantity: '15.5', reversed: '0.5', followed_by: [] },
      moves: [
        { lot: 2, amount: '2', source: 'promo', lot_description: 'Spring', to: 'consumed' },
        { lot: 1, amount: '7', source: 'purchase', from: 'available' },
      ],
      lines: [
        { code: 'call', quantity: '1', price: '1', amount: '1', version: 1 },
        { code: 'minute', quantity: '16', price: '0.5', amount: '8', version: 1 },
      ],
    });
    const refund = await read(program, service, `/entries/${Number(entry) + 1}`, { customer });
    expect(refund).toMatchObject({ kind: 'refund', parent: entry, change: '0.5', lines: [] });
  });

  test('names what the same request wrote after it', async () => {
    const { external_id: customer, wallet_id } = await newCustomer(program, 10n);
    await program.database.query("update wallets set capture_above_hold = 'debit' where id = $1", [
      wallet_id,
    ]);
    const hold = { ...image(customer), ttl_seconds: 60 };
    const { hold_id } = bodyOf(await send(program, service, '/holds', hold).expect(201));
    const capture = { customer, quantity: '2' };
    await send(program, service, `/holds/${String(hold_id)}/capture`, capture).expect(200);
    expect(await read(program, service, '/entries/3', { customer })).toMatchObject({
      ...{ kind: 'capture', amount: '3', parent: 2 },
      followed_by: [{ entry: 4, kind: 'debit', amount: '3' }],
    });
  });

  test.each(['0', '-1', '3', '1.0', '1e9', '９', '9223372036854775808', '%00', 'x'.repeat(300)])(
    'number %j is a 404',
    async (number) => {
      const { external_id: customer } = await newCustomer(program, 10n);
      const answer = await get(program, service, `/entries/${number}`, { customer }).expect(404);
      expect(bodyOf(answer).code).toBe('not_found');
    },
  );
});
