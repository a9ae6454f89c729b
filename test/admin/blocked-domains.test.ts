import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { domainIn } from '../../src/workspaces/blocked-domains.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

async function claimOf(email: string) {
  const form = { name: 'Ada Byron', email, password: randomBytes(12).toString('hex') };
  await program.browser().post('/sign-up').type('form').send(form).expect(303);
  const [claim] = await program.database.query<{ state: string; reason: string | null }>(
    `select c.state, c.reason from welcome_claims c join people p on p.id = c.person_id
     where p.email = $1`,
    [email],
  );
  return claim;
}

test('whoever signs up with an address of a blocked domain, or one below it, waits for the staff', async () => {
  const finance = await staffBrowser(program, 'finance');
  const path = '/admin/blocked-domains';
  const wrong = await finance.post(path).type('form').send({ domain: 'nothing', reason: '' });
  expect([wrong.status, wrong.text.includes('Two fields need a change')]).toEqual([422, true]);
  const blocked = { domain: 'Ada@Farm.Example', reason: 'Hundreds of accounts' };
  await finance.post(path).type('form').send(blocked).expect(303);
  expect(await claimOf('one@farm.example')).toEqual({ state: 'review', reason: 'throw_away' });
  expect(await claimOf('two@mail.farm.example')).toMatchObject({ state: 'review' });
  expect(await claimOf('three@otherfarm.example')).toMatchObject({ state: 'granted' });
  const page = await finance.get(path).expect(200);
  for (const words of ['farm.example', 'Hundreds of accounts', 'Grace Hopper']) {
    expect(page.text).toContain(words);
  }
  expect(page.text).toContain('2<span class="vh"> waiting</span>');
  await finance.post(`${path}/remove`).type('form').send({ domain: 'farm.example' }).expect(303);
  expect(await claimOf('four@farm.example')).toMatchObject({ state: 'granted' });
  const events = await program.database.query<{ action: string }>(
    "select action from audit_events where subject_kind = 'blocked_domain' order by id",
  );
  expect(events.map(({ action }) => action)).toEqual([
    'blocked_domain.added',
    'blocked_domain.removed',
  ]);
});

test('a domain is read as people write it', () => {
  expect(domainIn(' Mail.Example. ')).toBe('mail.example');
  expect(domainIn('ada@bücher.example')).toBe('xn--bcher-kva.example');
  for (const wrong of ['', 'nothing', '127.0.0.1', 'a.example/path', 'two words.example']) {
    expect(domainIn(wrong)).toBeUndefined();
  }
});
