import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { examineHere } from '../../src/doctor-local.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { ENCRYPTION_KEYS, tamperWith } from '../support/database.ts';
import { order } from '../support/purchases.ts';
import { spendMessages } from '../browser/scenes.ts';
import { command } from './commands.ts';
import { type Ended, type Settings, run } from './started.ts';

let program: TestProgram;
let settings: Settings;
beforeAll(async () => {
  program = await testProgram();
  settings = { DATABASE_URL: program.database.url, BASE_URL: program.url };
});
afterAll(() => program.stop());

/** As a process of its own, for what only that can show. */
const started = (words: string[]): Promise<Ended> => run(['src/cli.ts', ...words], settings).ended;

const cli = (words: string[], more: Settings = {}) => command(words, { ...settings, ...more });

test('node src/cli.ts grant gives once for a key, with the reason, and refuses another content', async () => {
  const ada = await program.signUp();
  const words = ['grant', '--workspace', ada.slug, '--reason', 'Sorry', '--key', 'case-17'];
  const before = await ada.available();
  const [one, two] = await Promise.all([1, 2].map(() => started([...words, '--amount', '2.5'])));
  const other = await cli([...words, '--amount', '3']);
  expect([one?.code, two?.code, other.code]).toEqual([0, 0, 1]);
  expect([one?.out, two?.out].sort()).toEqual([
    expect.stringMatching(/^Given before, by this key: 2\.50? credits/),
    expect.stringMatching(/^Given: 2\.50? credits as entry 2\.\nAvailable after it: /),
  ]);
  expect((await ada.available()) - before).toBe(2_500_000n);
});

test('node src/cli.ts preset puts on sale what is missing, and with --dry-run only says so', async () => {
  await tamperWith(
    program.database,
    "delete from catalogue_versions where kind = 'own_amount' and code = 'USD'",
  );
  const shown = await cli(['preset', '--dry-run']);
  expect(shown.out).toMatch(/^would be added: own amount USD\nNothing was changed\./);
  expect((await cli(['preset'])).out).toBe('added: own amount USD\n');
  expect((await cli(['preset', 'default'])).out).toMatch(/^All of default \d+ is on sale/);
});

test('node src/cli.ts preset NAME goes over to another preset, and no process comes back by itself', async () => {
  const other = await testProgram({ demo: true });
  const ada = await other.signUp();
  await spendMessages(other, ada, 1, 'before');
  const settings = { DATABASE_URL: other.database.url, BASE_URL: other.url };
  const ask = (words: string[], more: Settings = {}) =>
    command(['preset', ...words], { ...settings, ...more });
  const nothing = await ask(['leadgen'], { SCRIP_PRESET: 'default' });
  expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('SCRIP_PRESET says')]);
  expect((await ask(['nothing'])).err).toContain('There is no preset nothing, but default, ');
  const dry = await ask(['leadgen', '--dry-run']);
  expect(dry.out).toContain('It would go over from default to leadgen.');
  expect(dry.out).toContain('would be taken off sale: operation message.send');
  const done = await ask(['leadgen']);
  expect(done.out).toContain('added: plan enterprise');
  expect(done.out).toContain('taken off sale: package business');
  const page = await ada.browser.get(`/w/${ada.slug}/use`).expect(200);
  expect(page.text).toContain('Lead, scored');
  expect(page.text).not.toContain('An image from a description');
  // What was charged stays what it was.
  const entry = await ada.browser.get(`/w/${ada.slug}/history/2`).expect(200);
  expect(entry.text).toContain('1 message × 0.10');
  // Processes that are told of the old one, or of none, do not put it on sale again.
  const old = await run(['src/migrate.ts'], { ...settings, SCRIP_PRESET: 'default' }).ended;
  expect([old.code, old.err]).toEqual([1, expect.stringContaining('has the preset leadgen')]);
  expect((await run(['src/migrate.ts'], settings).ended).code).toBe(0);
  expect((await ask([])).out).toMatch(/^All of leadgen \d+ is on sale/);
  const back = await ask(['default']);
  expect(back.out).toContain('brought up to date: package business');
  await other.stop();
});

test('node src/cli.ts export writes all of a period, as lines of JSON and as CSV', async () => {
  const ada = await program.signUp('=Ada');
  await order(program, ada);
  const period = ['--workspace', ada.slug, '--from', '2020-01-01'];
  const wanted = [['entries'], ['payments', '--format', 'csv']];
  const [entries, payments] = await Promise.all(
    wanted.map((of) => started(['export', ...period, '--of', ...of])),
  );
  const [entry] = (entries?.out ?? '').split('\n');
  expect(JSON.parse(entry ?? '')).toMatchObject({
    workspace_id: ada.workspace_id,
    ...{ seq: '1', kind: 'grant', amount: '50', key: 'sign-up' },
  });
  expect(payments?.out).toMatch(/^\uFEFFid,workspace_id,customer,/);
  // What a spreadsheet would take for a formula is quoted.
  expect(payments?.out.split('\r\n')).toEqual([
    expect.anything(),
    expect.stringMatching(/,'=Ada.*,pending,simulated,/),
    '',
  ]);
});

describe('node src/cli.ts doctor', () => {
  test('finds nothing wrong with an installation that is well', async () => {
    const { connections } = program.database;
    const found = await examineHere(parseConfig({ ...settings }), connections, ENCRYPTION_KEYS);
    // The PostgreSQL of the tests forgets what it was told when it crashes; and nobody does the jobs.
    const bad = found.filter(({ state, about }) => state === 'bad' && about !== 'jobs');
    expect(bad.map(({ about }) => about)).toEqual(['durability']);
    expect(found.find(({ about }) => about === 'database')?.says).toContain('kept apart by roles');
  });

  test('names what is wrong with how to mend it, and ends with 1', async () => {
    const query = (text: string) => program.database.query(text);
    await query('alter table payments disable row level security');
    await query('grant update on entries to scrip_app');
    const broken = await cli(['doctor'], {
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'scrip@example.com',
      STRIPE_SECRET_KEY: 'sk_test_wrong',
      STRIPE_WEBHOOK_SECRET: 'whsec_x',
      STRIPE_API_URL: program.stripe?.url ?? '',
    });
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/^BAD {3}row-level security: It is off for payments\.$/m);
    expect(broken.out).toMatch(/^BAD {3}entries: The program may change entries/m);
    expect(broken.out).toMatch(/^BAD {3}mail: 127\.0\.0\.1:1 does not take mails: .*ECONNREFUSED/m);
    expect(broken.out).toMatch(/^BAD {3}Stripe: It does not take the key: /m);
    expect(broken.out).not.toContain('sk_test_wrong');
    expect(broken.err).toMatch(/^[56] of \d+ are not as they should be\.\n$/);
    await query('alter table payments enable row level security');
    await query('revoke update on entries from scrip_app');
  });
});
