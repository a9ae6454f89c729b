import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { sealClosedHours } from '../../src/ledger/seals.ts';
import { SCOPES } from '../../src/workspaces/api-keys.ts';
import { type TestDatabase, tamperWith, testDatabase } from '../support/database.ts';
import { newWallet } from '../support/wallets.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { command } from './commands.ts';
import { type Ended, type Settings, run } from './started.ts';

let program: TestProgram;
let database: TestDatabase;
let settings: Settings;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  ({ database } = program);
  settings = { DATABASE_URL: database.url };
});
afterAll(() => program.stop());

/** As a process of its own, for what only that can show. */
const started = (words: string[], input?: string): Promise<Ended> =>
  run(['src/cli.ts', ...words], settings, input).ended;

const cli = (words: string[]) => command(words, settings);

const someAddress = (): string => `${randomBytes(6).toString('hex')}@example.com`;
const rolesOf = (email: string) =>
  database.query(
    'select staff_role, email_verified_at is not null as verified from people where email = $1',
    [email],
  );

describe('node src/cli.ts create-admin', () => {
  test('makes a super admin, who signs in with the password from standard input', async () => {
    const email = someAddress();
    const ended = await started(['create-admin', '--email', email], 'a password of theirs\n');
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toMatch(new RegExp(`${email} is super admin now\\.\n$`));
    expect(await rolesOf(email)).toEqual([{ staff_role: 'super_admin', verified: true }]);
    const person = { email, password: 'a password of theirs' };
    const { headers } = await program.browser().post('/sign-in').type('form').send(person);
    expect(headers['location']).not.toContain('sign-in');
    // Somebody who is there already keeps the password, and is asked for none.
    const again = await cli(['create-admin', '--email', email.toUpperCase()]);
    expect(again).toMatchObject({
      code: 0,
      err: '',
      out: `${email.toUpperCase()} is super admin now.\n`,
    });
    await program.browser().post('/sign-in').type('form').send(person).expect(303);
  });

  test('refuses a password that is too short or none, and makes nobody', async () => {
    const email = someAddress();
    const words = ['create-admin', '--email', email];
    const ended = await Promise.all([started(words, 'short\n'), started(words, '')]);
    const refusal = [1, expect.stringMatching(/^Choose a password[^\n]*\n$/)];
    expect(ended.map(({ code, err }) => [code, err])).toEqual([refusal, refusal]);
    expect(await rolesOf(email)).toEqual([]);
  });
});

describe('node src/cli.ts create-key', () => {
  const keyIn = (out: string): string => /^scrip_(?:live|test)_\S+$/m.exec(out)?.[0] ?? '';
  const storedOf = (key: string) =>
    database.query(
      `select name, livemode, scopes, workspace_id is null as of_service, revoked_at is not null as revoked
       from api_keys where prefix = $1`,
      [key.slice(0, 23)],
    );

  test('prints a key of the service once, and revoke-key ends it', async () => {
    const { code, out, err } = await cli(['create-key', '--name', 'Our product']);
    expect([code, err]).toEqual([0, '']);
    const key = keyIn(out);
    const scopes = [...SCOPES];
    const stored = { name: 'Our product', livemode: true, scopes, of_service: true };
    expect(await storedOf(key)).toEqual([{ ...stored, revoked: false }]);
    const prefix = key.slice(0, 23);
    expect(await cli(['revoke-key', '--prefix', prefix])).toMatchObject({
      code: 0,
      out: `${prefix} is revoked.\n`,
    });
    expect(await storedOf(key)).toEqual([{ ...stored, revoked: true }]);
    expect(await cli(['revoke-key', '--prefix', prefix])).toMatchObject({
      out: `${prefix} was revoked before.\n`,
    });
  });

  test('makes one for tests of a workspace, with some scopes', async () => {
    await database.query(
      `with made as (insert into workspaces (id, kind, name, slug)
         values (gen_random_uuid(), 'personal', 'Eve', 'eve') returning id)
       insert into wallets (id, workspace_id, livemode)
         select gen_random_uuid(), id, mode from made, (values (true), (false)) m(mode)`,
    );
    const words = ['create-key', '--name', 'Eve', '--workspace', 'eve', '--test'];
    const { out } = await cli([...words, '--scopes', 'debits:write,refunds:write']);
    expect(await storedOf(keyIn(out))).toEqual([
      {
        name: 'Eve',
        livemode: false,
        scopes: ['debits:write', 'refunds:write'],
        of_service: false,
        revoked: false,
      },
    ]);
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
    [['create-key'], 'create-key needs --name NAME.\n'],
    [
      ['create-key', '--name', 'x', '--scopes', 'all'],
      `There is no scope all for it, but ${SCOPES.join(', ')}.\n`,
    ],
    [
      ['create-key', '--name', 'x', '--workspace', 'y', '--scopes', 'grants:write'],
      'There is no scope grants:write for it, but balance:read,',
    ],
    [['create-key', '--name', 'x', '--workspace', 'no'], 'There is no workspace no.\n'],
    [
      ['revoke-key', '--prefix', 'scrip_live_0'],
      'There is no key that begins with scrip_live_0.\n',
    ],
    [['add-webhook', '--url', 'example.com'], 'Give a whole address'],
    [
      ['add-webhook', '--url', 'https://example.com/', '--events', 'gossip'],
      'Choose at least one event.',
    ],
    [['price-lab'], 'price-lab needs --operation CODE.\n'],
    [['price-lab', '--operation', 'x'], 'price-lab needs --rule FILE.\n'],
    [['price-lab', '--operation', 'x', '--rule', 'y', '--days', '0'], '--days is a whole number'],
    [['price-lab', '--operation', 'x', '--rule', 'no-such-file'], 'no-such-file'],
    [['verfy'], 'There is no command verfy.\n'],
    [['verify', 'all'], 'There is no place for all.\n'],
  ])('refuses %j and says why', async (words, why) => {
    const { code, out, err } = await cli(words);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(why);
  });

  test('ends with 1 when it refuses, and says so without a stack', async () => {
    expect(await started(['revoke-key', '--prefix', 'scrip_live_0'])).toEqual({
      ...{ code: 1, signal: null, out: '' },
      err: 'There is no key that begins with scrip_live_0.\n',
    });
  });

  test('add-webhook makes an endpoint of the seller, which webhooks lists and remove-webhook ends', async () => {
    expect((await cli(['webhooks'])).out).toBe('There is no endpoint of the seller.\n');
    const url = 'https://example.com/hooks';
    const { code, out } = await cli(['add-webhook', '--url', url, '--events', 'hold.expired']);
    expect([code, out]).toMatchObject([0, expect.stringMatching(/\nwhsec_[\w+/]+=*\n$/) as string]);
    const id = out.slice(0, 36);
    expect((await cli(['webhooks'])).out).toBe(`${id} live ${url}: on\n`);
    const twice = await cli(['add-webhook', '--url', url]);
    expect(twice.err).toBe(`There is an endpoint at ${url} already.\n`);
    expect(await cli(['remove-webhook', '--id', id])).toMatchObject({ code: 0 });
    expect((await cli(['remove-webhook', '--id', id])).err).toContain('There is no endpoint');
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
    await database.query('update wallets set available = 0 where id = $1', [wallet?.id]);
  });

  test('attack 63: seals are exported, and verify names what was changed since', async () => {
    const database = await testDatabase();
    const settings = { DATABASE_URL: database.url, SEAL_KEY: 'k'.repeat(32) };
    const asked = (...words: string[]) => command(words, settings);
    expect((await asked('seals', '--export')).err).toBe('No hour of the ledger is sealed yet.\n');
    const wallet = await newWallet(database);
    await createLedger(database.connections.ledger).execute(wallet.grant(1n));
    const tamper = (change: string) =>
      tamperWith(database, `update entries set ${change} where wallet_id = '${wallet.id}'`);
    await tamper(`recorded_at = now() - interval '3 hours'`);
    await sealClosedHours(database.connections.ledgerJobs, settings.SEAL_KEY);
    const { out } = await asked('seals', '--export');
    const seal = out.trim();
    expect(seal).toMatch(/^scrip-seal:\d+:/);
    expect((await asked('seals')).out).toMatch(/^The hours up to the one of .* are sealed/);
    const proved = await asked('verify', '--seal', seal);
    expect(proved).toMatchObject({ code: 0, err: '' });
    expect(proved.out).toMatch(/^The ledger adds up\.\nSo do the seals up to [^\n]*\n$/);
    const unsealed = await command(['verify'], { DATABASE_URL: database.url });
    expect(unsealed.out).toContain('Not checked without SEAL_KEY: the seals up to');
    await tamper(`operation = 'other'`);
    const { code, out: told, err } = await asked('verify', '--seal', seal.replace(/.$/, '-'));
    expect([code, told]).toEqual([1, '']);
    expect(err).toContain('This is not a seal');
    const found = await asked('verify', '--seal', seal);
    expect(found).toMatchObject({ code: 1, err: 'The ledger does not add up: 1 found.\n' });
    expect(found.out).toMatch(
      new RegExp(`^wallet ${wallet.id}, hour .*: entry 1 was changed: not so`),
    );
    await database.drop();
  });
});
