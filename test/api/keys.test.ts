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

/** An image costs 3. */
const image = (customer: string, quantity = '1') => ({
  customer,
  operation: 'image.generate',
  quantity,
});

describe('a key of the API', () => {
  test('of a workspace acts on its own wallet and names nobody', async () => {
    const ada = await program.signUp();
    const key = await newKey(program, { workspace_id: ada.workspace_id });
    const order = { operation: 'image.generate', quantity: '1' };
    const answer = await send(program, key, '/debits', order).expect(201);
    expect(answer.body).toMatchObject({ wallet: ada.wallet_id, available: '47' });
    const other = await newCustomer(program, 10n);
    const refused = await send(program, key, '/debits', image(other.external_id)).expect(400);
    expect(bodyOf(refused).errors?.[0]).toMatchObject({ field: 'customer' });
    expect(await other.stored()).toEqual([10, 0, 0]);
  });

  test('another key of the same workspace gets the first answer to the first one’s idempotency key', async () => {
    const ada = await program.signUp();
    const order = { operation: 'image.generate', quantity: '1' };
    const [first, second] = [
      await newKey(program, { workspace_id: ada.workspace_id }),
      await newKey(program, { workspace_id: ada.workspace_id }),
    ];
    const once = await send(program, first, '/debits', order, 'rotated').expect(201);
    const again = await send(program, second, '/debits', order, 'rotated').expect(201);
    expect(again.body).toEqual(once.body);
    expect(await ada.available()).toBe(47_000_000n);
  });

  test('of a workspace settles and gives back what its own keys began, and nothing of the seller’s', async () => {
    const ada = await program.signUp();
    const own = await newKey(program, { workspace_id: ada.workspace_id });
    const hold = { operation: 'image.generate', quantity: '2', ttl_seconds: 60 };
    const order = { operation: 'image.generate', quantity: '1' };
    const ofSeller = { workspace: ada.slug };
    const held = await send(program, service, '/holds', { ...hold, ...ofSeller }).expect(201);
    const charged = await send(program, service, '/debits', { ...order, ...ofSeller }).expect(201);
    const path = `/holds/${String(bodyOf(held)['hold_id'])}`;
    await send(program, own, `${path}/release`, {}).expect(404);
    await send(program, own, `${path}/extend`, { ttl_seconds: 90 }).expect(404);
    await send(program, own, `${path}/capture`, { quantity: '0.1' }).expect(404);
    const entry = bodyOf(charged)['entry'];
    await send(program, own, '/refunds', { entry }).expect(404);
    const less = { quantity: '0.1' };
    await send(program, own, `/entries/${String(entry)}/correct`, less).expect(404);
    expect(await ada.available()).toBe(41_000_000n);
    const mine = await send(program, own, '/holds', hold).expect(201);
    await send(program, own, `/holds/${String(bodyOf(mine)['hold_id'])}/release`, {}).expect(200);
    const spent = await send(program, own, '/debits', order).expect(201);
    await send(program, own, `/entries/${String(bodyOf(spent)['entry'])}/correct`, less).expect(
      201,
    );
    const again = await send(program, own, '/debits', order).expect(201);
    await send(program, own, '/refunds', { entry: bodyOf(again)['entry'] }).expect(201);
    expect(await ada.available()).toBe(38_000_000n);
  });

  test('of the service may name a workspace, and must name somebody', async () => {
    const ada = await program.signUp();
    const order = { operation: 'image.generate', quantity: '1' };
    await send(program, service, '/debits', { ...order, workspace: ada.slug }).expect(201);
    expect(await ada.available()).toBe(47_000_000n);
    const nobody = await send(program, service, '/debits', order).expect(400);
    expect(bodyOf(nobody).errors?.[0]).toMatchObject({ field: 'customer' });
    const both = { ...order, workspace: ada.slug, customer: 'x' };
    await send(program, service, '/debits', both).expect(400);
    await send(program, service, '/debits', { ...order, workspace: 'no-such' }).expect(404);
  });

  test('for tests acts on test wallets', async () => {
    const ada = await newCustomer(program, 10n);
    const key = await newKey(program, { livemode: false });
    await send(program, key, '/debits', image(ada.external_id)).expect(402);
    expect(await ada.stored()).toEqual([10, 0, 0]);
    const eve = await newCustomer(program, 10n, false);
    const answer = await send(program, key, '/debits', image(eve.external_id)).expect(201);
    expect(bodyOf(answer)['wallet']).toBe(eve.wallet_id);
    expect(await eve.stored()).toEqual([7, 0, 0]);
  });

  test('attack 24: missing, made up, changed by a letter, expired, revoked or in the query is a 401', async () => {
    const ada = await newCustomer(program, 10n);
    const order = image(ada.external_id);
    const codeOf = async (key: string) => {
      const answer = await send(program, key, '/debits', order);
      return [answer.status, answer.headers['www-authenticate'], bodyOf(answer).code];
    };
    const changed = service.slice(0, -1) + (service.endsWith('A') ? 'B' : 'A');
    for (const wrong of ['x', changed, service.replace('live', 'test'), `${service}A`]) {
      expect(await codeOf(wrong)).toEqual([401, 'Bearer', 'key_unknown']);
    }
    const expired = await newKey(program, { expires_at: new Date(Date.now() - 1_000) });
    expect(await codeOf(expired)).toEqual([401, 'Bearer', 'key_expired']);
    const revoked = await newKey(program);
    await program.database.query('update api_keys set revoked_at = now() where prefix = $1', [
      revoked.slice(0, 23),
    ]);
    expect(await codeOf(revoked)).toEqual([401, 'Bearer', 'key_revoked']);
    await send(program, service, `/debits?key=${service}`, order)
      .unset('Authorization')
      .expect(401);
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });

  test('attack 24: is good for nothing as soon as it is revoked, in the middle of its requests', async () => {
    const ada = await newCustomer(program, 100n);
    const key = await newKey(program);
    await send(program, key, '/debits', image(ada.external_id)).expect(201);
    await program.database.query('update api_keys set revoked_at = now() where prefix = $1', [
      key.slice(0, 23),
    ]);
    const answer = await send(program, key, '/debits', image(ada.external_id)).expect(401);
    expect(bodyOf(answer).code).toBe('key_revoked');
    expect(await ada.stored()).toEqual([97, 0, 0]);
  });

  test('whose workspace or maker was deactivated is a 401', async () => {
    const ada = await program.signUp();
    const eve = await program.signUp('Eve');
    const [person] = await program.database.query<{ id: string }>(
      'update people set deactivated_at = now() where email = $1 returning id',
      [eve.email],
    );
    await program.database.query('update workspaces set deactivated_at = now() where id = $1', [
      ada.workspace_id,
    ]);
    const order = { operation: 'image.generate', quantity: '1' };
    for (const key of [
      await newKey(program, { workspace_id: ada.workspace_id }),
      await newKey(program, { workspace_id: eve.workspace_id, created_by: person?.id }),
    ]) {
      const answer = await send(program, key, '/debits', order).expect(401);
      expect(bodyOf(answer).code).toBe('key_revoked');
    }
  });

  test('without the scope is a 403 that names it, and the key is stored as a hash only', async () => {
    const key = await newKey(program, { scopes: ['refunds:write'] });
    const answer = await send(program, key, '/debits', image('x')).expect(403);
    expect(answer.body).toMatchObject({ code: 'scope_missing', scope: 'debits:write' });
    const [stored] = await program.database.query<{ row: string }>(
      'select api_keys::text as row from api_keys where prefix = $1',
      [key.slice(0, 23)],
    );
    expect(stored?.row).not.toContain(key.slice(24));
    expect(answer.text).not.toContain(key.slice(24));
  });
});
