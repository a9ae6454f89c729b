import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Ended, run, startServer } from './started.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

function cli(words: string[], input?: string): Promise<Ended> {
  return run(['src/cli.ts', ...words], { DATABASE_URL: database.url }, input).ended;
}

const someAddress = (): string => `${randomBytes(6).toString('hex')}@example.com`;
const rolesOf = (email: string) =>
  database.query(
    'select staff_role, email_verified_at is not null as verified from people where email = $1',
    [email],
  );

describe('node src/cli.ts create-admin', () => {
  test('makes a super admin, who signs in with the password from standard input', async () => {
    const email = someAddress();
    const ended = await cli(['create-admin', '--email', email], 'a password of theirs\n');
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toMatch(new RegExp(`${email} is super admin now\\.\n$`));
    expect(await rolesOf(email)).toEqual([{ staff_role: 'super_admin', verified: true }]);
    const server = await startServer({ DATABASE_URL: database.url });
    const person = { email, password: 'a password of theirs' };
    const { headers } = await server.browser().post('/sign-in').type('form').send(person);
    expect(headers['location']).not.toContain('sign-in');
    // Somebody who is there already keeps the password, and is asked for none.
    const again = await cli(['create-admin', '--email', email.toUpperCase()]);
    expect(again).toMatchObject({
      code: 0,
      err: '',
      out: `${email.toUpperCase()} is super admin now.\n`,
    });
    await server.browser().post('/sign-in').type('form').send(person).expect(303);
    await server.stop();
  });

  test('refuses a password that is too short or none, and makes nobody', async () => {
    const email = someAddress();
    for (const input of ['short\n', '']) {
      const { code, err } = await cli(['create-admin', '--email', email], input);
      expect([code, err]).toEqual([1, expect.stringMatching(/^Choose a password[^\n]*\n$/)]);
    }
    expect(await rolesOf(email)).toEqual([]);
  });
});

describe('node src/cli.ts', () => {
  test.each([
    [['create-admin'], 'create-admin needs --email ADDRESS.\n'],
    [
      ['create-admin', '--email', 'ada'],
      'This is not an e-mail address, such as name@example.com.\n',
    ],
    [['create-admin', '--mail', 'ada@example.com'], "Unknown option '--mail'."],
    [['verfy'], 'There is no command verfy.\n'],
    [['verify', 'all'], 'There is no place for all.\n'],
  ])('refuses %j and says why, without a stack', async (words, why) => {
    const { code, out, err } = await cli(words);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(why);
    expect(err).not.toMatch(/^ +at /m);
  });

  test('verify ends with 1 and names the wallet that does not add up', async () => {
    expect(await cli(['verify'])).toMatchObject({ code: 0, out: 'The ledger adds up.\n' });
    const [wallet] = await database.query<{ id: string }>(
      `with made as (insert into workspaces (id, kind, name, slug, currency)
         values (gen_random_uuid(), 'personal', 'Ada', 'ada', 'USD') returning id)
       insert into wallets (id, workspace_id, livemode, available)
         select gen_random_uuid(), id, true, 5 from made returning id`,
    );
    const { code, out, err } = await cli(['verify']);
    expect([code, err]).toEqual([1, 'The ledger does not add up: 2 found.\n']);
    expect(out).toContain(`wallet ${wallet?.id ?? ''}: not so that a wallet equals the sum`);
    await database.query('update wallets set available = 0');
  });
});
