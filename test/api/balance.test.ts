import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instantOf, parseRfc3339, rfc3339 } from '../../src/core/instant.ts';
import { bodyOf, get, newCustomer, newKey, read, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { aGrant } from '../support/wallet-states.ts';
import { newWallet } from '../support/wallets.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

/** An image costs 3. */
const image = (customer: string) => ({ customer, operation: 'image.generate', quantity: '1' });

describe('GET /api/v1/balance', () => {
  test('says how a wallet stands now', async () => {
    const { external_id: customer, wallet_id } = await newCustomer(program, 10n);
    await send(program, service, '/debits', image(customer)).expect(201);
    await send(program, service, '/holds', { ...image(customer), ttl_seconds: 60 }).expect(201);
    expect(await read(program, service, '/balance', { customer })).toEqual({
      ...{ wallet: wallet_id, customer, entry: 3 },
      ...{ available: '4', held: '3', debt: '0', balance: '7' },
      ...{ level: 'healthy', frozen: false, unlimited: false },
    });
  });

  test('says how it stood at a moment, to the microsecond', async () => {
    const { external_id: customer } = await newCustomer(program, 10n);
    const debit = await send(program, service, '/debits', image(customer)).expect(201);
    const at = String(bodyOf(debit)['at']);
    const before = rfc3339((parseRfc3339(at) ?? 0n) - 1n);
    const standsAt = (moment: string) =>
      read(program, service, '/balance', { customer, at: moment });
    expect(await standsAt(at)).toMatchObject({ available: '7', entry: 2, at });
    expect(await standsAt(before)).toMatchObject({ available: '10', entry: 1, at: before });
    for (const early of ['0000-01-01T00:00:00Z', '1969-12-31T23:59:59.999999Z']) {
      const stood = await standsAt(early);
      expect(stood).toMatchObject({
        balance: '0',
        entry: 0,
        at: rfc3339(parseRfc3339(early) ?? 0n),
      });
      expect(parseRfc3339(String(stood['at']))).toBe(parseRfc3339(early));
    }
    expect(await standsAt('9999-12-31T23:59:59Z')).toMatchObject({ available: '7' });
  });

  test('leaves out what has expired, though no job has written it', async () => {
    const wallet = await newWallet(program.database);
    const hour = 3_600_000_000n;
    const now = instantOf(new Date());
    await program.ledger.execute(wallet.grant(5n, { expires_at: now - hour }), now - 2n * hour);
    const workspace = wallet.workspace_id;
    const stands = await read(program, service, '/balance', { workspace });
    expect(stands).toMatchObject({ available: '0', balance: '0', level: 'empty', entry: 1 });
    const at = rfc3339(now - hour - 1n);
    const stood = await read(program, service, '/balance', { workspace, at });
    expect(stood).toMatchObject({ available: '5', entry: 1, at });
  });

  test('tells what one operation can spend, without the lots of others', async () => {
    const { external_id: customer, wallet_id } = await newCustomer(program, 4n);
    await program.ledger.execute(aGrant(6n, { wallet_id, operations: ['image.generate'] }));
    const of = (operation: string) => read(program, service, '/balance', { customer, operation });
    expect(await of('image.generate')).toMatchObject({ available_for_operation: '10' });
    expect(await of('voice.call')).toMatchObject({ available: '10', available_for_operation: '4' });
    const at = '2026-01-01T00:00:00Z';
    const both = { customer, operation: 'voice.call', at };
    const answer = await get(program, service, '/balance', both).expect(400);
    expect(bodyOf(answer).errors).toMatchObject([{ field: 'operation' }]);
  });

  test('is of one moment while others spend: it is what its entry says', async () => {
    const { external_id: customer } = await newCustomer(program, 100n);
    const order = { ...image(customer), operation: 'voice.call' };
    const spending = Array.from({ length: 12 }, () =>
      send(program, service, '/debits', order).expect(201),
    );
    const query = { customer, operation: 'voice.call' };
    const seen = await Promise.all(
      Array.from({ length: 12 }, () => read(program, service, '/balance', query)),
    );
    await Promise.all(spending);
    for (const { entry, available, available_for_operation } of seen) {
      expect(available_for_operation).toBe(available);
      const written = await read(program, service, `/entries/${String(entry)}`, { customer });
      expect(written).toMatchObject({ available });
    }
  });

  test('says why nothing can be spent, or all', async () => {
    const { external_id: customer, wallet_id } = await newCustomer(program, 10n);
    const set = (change: string) =>
      program.database.query(`update wallets set ${change} where id = $1`, [wallet_id]);
    await set('frozen_at = now()');
    expect(await read(program, service, '/balance', { customer })).toMatchObject({
      ...{ level: 'frozen', frozen: true },
    });
    await set("frozen_at = null, unlimited_until = 'infinity', unlimited_reason = 'plan'");
    expect(await read(program, service, '/balance', { customer })).toMatchObject({
      ...{ level: 'unlimited', unlimited: true, frozen: false },
    });
  });

  test.each(['yesterday', '', '2026-02-30T00:00:00Z', '0000-01-01T00:00:00+01:00', '1e400', 'NaN'])(
    'at %j is a 400 that names the field',
    async (at) => {
      const answer = await get(program, service, '/balance', { customer: 'x', at }).expect(400);
      expect(bodyOf(answer).errors).toMatchObject([{ field: 'at' }]);
    },
  );
});
