import { afterAll, beforeAll, expect, it } from 'vitest';
import { inWorkspace } from '../../src/lib/database.ts';
import { createApiKey } from '../../src/workspaces/api-keys.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { pathMailedTo } from './mailed.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(async () => {
  await program.stop();
});

it('attack 9: the keys of who made an account without owning its address go when its owner comes', async () => {
  const attacker = await program.signUp();
  const { database } = program;
  await database.query('update people set email_verified_at = null where email = $1', [
    attacker.email,
  ]);
  const [person] = await database.query<{ id: string }>('select id from people where email = $1', [
    attacker.email,
  ]);
  const { workspace_id } = attacker;
  const key = await inWorkspace(database.connections.app, workspace_id, (trx) =>
    createApiKey(trx, {
      name: 'waiting inside',
      workspace_id,
      livemode: true,
      scopes: ['balance:read'],
      created_by: person?.id,
    }),
  );
  const ask = () =>
    program.browser().get('/api/v1/balance').set('Authorization', `Bearer ${key.secret}`);
  await ask().expect(200);
  await program.browser().post('/forgot').type('form').send({ email: attacker.email }).expect(200);
  await expect
    .poll(() => pathMailedTo(database, attacker.email, 'password.reset').catch(() => ''))
    .not.toBe('');
  const owner = program.browser();
  await owner
    .post(await pathMailedTo(database, attacker.email, 'password.reset'))
    .type('form')
    .send({ password: 'violet anchor tuesday' })
    .expect(303);
  await ask().expect(401);
  await attacker.browser.get(`/w/${attacker.slug}`).expect(303);
});
