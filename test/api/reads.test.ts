import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, get, newCustomer, newKey, read, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

type Query = Record<string, string>;
const times = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
const LISTS: [string, Query][] = [
  ['/entries', {}],
  ['/lots', {}],
  ['/lots/1', {}],
  ['/holds', {}],
  ['/statement', times],
];
const READS: [path: string, query: Query, scope: string][] = [
  ...LISTS.map(([path, query]): [string, Query, string] => [path, query, 'entries:read']),
  ['/balance', {}, 'balance:read'],
  ['/entries/1', {}, 'entries:read'],
  ['/usage', times, 'usage:read'],
];

describe('lists', () => {
  test.each(LISTS)(
    'attack 57: GET %s has at most a hundred, and whoever asks for more, none or less is told so',
    async (path, query) => {
      const { external_id: customer } = await newCustomer(program, 1n);
      for (const limit of ['1e9', '1000000000', '101', '0', '-1', '1.5', 'NaN', '', '٣', '0x10']) {
        const asked = { customer, ...query, limit };
        const answer = await get(program, service, path, asked).expect(400);
        expect(bodyOf(answer).errors).toMatchObject([{ field: 'limit' }]);
      }
      await read(program, service, path, { customer, ...query, limit: '100' });
    },
  );

  test.each(LISTS)(
    'attack 57: GET %s refuses a cursor that is garbage, changed or of another list',
    async (path, query) => {
      const { external_id: customer } = await newCustomer(program, 1n);
      const made = (text: string) => Buffer.from(text).toString('base64url');
      const name = { '/entries': 'lots', '/lots': 'entries' }[path] ?? 'entries';
      for (const cursor of [
        ...['x', '', '%00', '\u0000', '12', '-1', 'x'.repeat(5_000), made('x')],
        ...[made(`${name} 1`), made('entries -1'), made('entries 1e9'), made('lots 99999999999')],
        ...[made('holds 1 2'), made("lot 1' or '1'='1"), `${made('entries 1')}=`],
        made(`statement ${'9'.repeat(30)}`),
      ]) {
        const asked = { customer, ...query, cursor };
        const answer = await get(program, service, path, asked).expect(400);
        expect(bodyOf(answer).errors).toMatchObject([{ field: 'cursor' }]);
      }
    },
  );
});

describe('whose wallet is read', () => {
  test.each(READS)(
    'attack 13: GET %s is of the own wallet, and nobody else’s is found',
    async (path, query) => {
      const ada = await program.signUp();
      const own = await newKey(program, { workspace_id: ada.workspace_id });
      expect(await read(program, own, path, query)).toMatchObject({ wallet: ada.wallet_id });
      const eve = await newCustomer(program, 1n);
      const named = { ...query, customer: eve.external_id };
      const refused = await get(program, own, path, named).expect(400);
      expect(bodyOf(refused).errors).toMatchObject([{ field: 'customer' }]);
      expect(await read(program, service, path, named)).toMatchObject({
        ...{ wallet: eve.wallet_id, customer: eve.external_id },
      });
      await get(program, service, path, { ...query, customer: 'nobody has named them' }).expect(
        404,
      );
      await get(program, service, path, query).expect(400);
    },
  );

  test.each(READS)('GET %s with a key for tests reads the test wallet', async (path, query) => {
    const tested = await newCustomer(program, 1n, false);
    const key = await newKey(program, { livemode: false });
    const named = { ...query, customer: tested.external_id };
    expect(await read(program, key, path, named)).toMatchObject({ wallet: tested.wallet_id });
    // The live wallet of the same customer has no entry and no lot.
    const live = await get(program, service, path, named);
    expect([live.status, bodyOf(live)['wallet']]).not.toEqual([200, tested.wallet_id]);
  });

  test.each(READS)(
    'GET %s wants its scope, and fields that there are, each once',
    async (path, query, scope) => {
      const key = await newKey(program, { scopes: ['debits:write'] });
      const refused = await get(program, key, path, { customer: 'x', ...query }).expect(403);
      expect(refused.body).toMatchObject({ code: 'scope_missing', scope });
      const unknown = await get(program, service, path, { customer: 'x', ...query, sort: 'asc' });
      expect([unknown.status, bodyOf(unknown).errors]).toMatchObject([400, [{ field: 'sort' }]]);
      const twice = await get(program, service, `${path}?customer=a&customer=b`, query);
      expect([twice.status, bodyOf(twice).errors]).toMatchObject([400, [{ field: 'customer' }]]);
      const control = await get(program, service, path, { ...query, customer: 'a\u0000' });
      expect([control.status, bodyOf(control).errors]).toMatchObject([
        400,
        [{ field: 'customer' }],
      ]);
    },
  );

  test('attack 13: a hold, an entry and a lot of somebody else are a 404 like none', async () => {
    const [ada, eve] = [await newCustomer(program, 10n), await newCustomer(program, 10n)];
    const order = { operation: 'image.generate', quantity: '1', ttl_seconds: 60 };
    const hold = { ...order, customer: ada.external_id };
    const { hold_id, entry } = bodyOf(await send(program, service, '/holds', hold).expect(201));
    for (const path of [`/holds/${String(hold_id)}`, `/entries/${String(entry)}`]) {
      await read(program, service, path, { customer: ada.external_id });
      await get(program, service, path, { customer: eve.external_id }).expect(404);
    }
  });
});
