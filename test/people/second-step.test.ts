import type { Express } from 'express';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecretBox } from '../../src/lib/secret-box.ts';
import { stepOfCode } from '../../src/people/security/totp.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { agree, anybody, appWithGoogle, startGoogle } from './google-stand-in.ts';
import { pathMailedTo } from './mailed.ts';
import { PASSWORD, cookiesOf, peopleApp, somebody, visitor } from './people-app.ts';

let database: TestDatabase;
let app: Express;
beforeAll(async () => {
  database = await testDatabase();
  app = peopleApp(database);
});
afterAll(async () => {
  await database.drop();
});

type Visitor = ReturnType<typeof visitor>;

/** A code of the period so many before (or after) the present one. */
const codeOf = (secret: string, periods = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({
    timestamp: Date.now() + periods * 30_000,
  });

const signIn = (email: string, browser: Visitor = visitor(app), password = PASSWORD) =>
  browser.post('/sign-in').type('form').send({ email, password, next: '/w/acme' });

const enter = (browser: Visitor, code: string) =>
  browser.post('/sign-in/code').type('form').send({ code });

/** Somebody who turned the second step on, with a code of the period before the present one. */
async function withSecondStep() {
  const person = await somebody(database, { verified: true });
  const browser = visitor(app);
  await signIn(person.email, browser).expect(303);
  const page = await browser.get('/account/security/codes').expect(200);
  const secret = (/aria-labelledby="l-secret">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(
    ' ',
    '',
  );
  const sealed = /name="sealed" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const send = (code: string) =>
    browser.post('/account/security/codes').type('form').send({ sealed, code });
  await send('000000').expect(422);
  const made = await send(codeOf(secret, -1)).expect(201);
  const codes = [...made.text.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code]) => code ?? '');
  return { ...person, browser, secret, codes, page: page.text, sealed };
}

const rowOf = async (id: string) => {
  const [row] = await database.query<{ sealed: string; last_step: string }>(
    'select sealed, last_step from totp_secrets where person_id = $1',
    [id],
  );
  return row;
};

describe('the second step', () => {
  it('is turned on by a code of the app, and its secret is kept encrypted', async () => {
    const { id, browser, secret, page, codes } = await withSecondStep();
    expect(page).toContain('<svg');
    expect(page).toContain(`secret=${secret}`);
    expect(codes).toHaveLength(10);
    const row = await rowOf(id);
    expect(row?.sealed).not.toContain(secret);
    const kept = await database.query<{ code_hash: string }>(
      'select code_hash from backup_codes where person_id = $1',
      [id],
    );
    for (const { code_hash } of kept) expect(code_hash).toMatch(/^\$argon2id\$/);
    const overview = (await browser.get('/account/security').expect(200)).text;
    expect(overview).toContain('10 backup codes are left');
  });

  it('attack 1: comes between the password and the session, which has a new id after it', async () => {
    const { email, secret } = await withSecondStep();
    const browser = visitor(app);
    const first = await signIn(email, browser).expect(303);
    expect(first.headers['location']).toBe('/sign-in/code');
    await browser.get('/me').expect(303);
    await browser.get('/sign-in/code').expect(200);
    const second = await enter(browser, codeOf(secret)).expect(303);
    expect(second.headers['location']).toBe('/w/acme');
    expect(cookiesOf(second)).not.toBe(cookiesOf(first));
    await browser.get('/me').expect(200);
    await visitor(app).get('/me').set('Cookie', cookiesOf(first)).expect(303);
  });

  it('is not there for who has not shown the first one, or too long ago', async () => {
    const { email, secret } = await withSecondStep();
    const nobody = visitor(app);
    expect((await nobody.get('/sign-in/code').expect(303)).headers['location']).toBe('/sign-in');
    await enter(nobody, codeOf(secret)).expect(303);
    await nobody.get('/me').expect(303);
    const late = visitor(app);
    await signIn(email, late).expect(303);
    await database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{half_way,until}', '1')::json
       where sess::jsonb ? 'half_way'`,
    );
    await enter(late, codeOf(secret)).expect(303);
    await late.get('/me').expect(303);
  });

  it('attack 5: a right code sent twice at once signs in once, and never again', async () => {
    const { email, secret } = await withSecondStep();
    const browsers = [visitor(app), visitor(app), visitor(app)];
    for (const browser of browsers) await signIn(email, browser).expect(303);
    const code = codeOf(secret);
    const answers = await Promise.all(browsers.map((browser) => enter(browser, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422, 422]);
    const late = visitor(app);
    await signIn(email, late).expect(303);
    await enter(late, code).expect(422);
    // Nor is one from before it, which may have been read over a shoulder.
    await enter(late, codeOf(secret, -1)).expect(422);
    await enter(late, codeOf(secret, 1)).expect(303);
  });

  it('attack 5: tries at once do not overrun the limit, which right and wrong ones share', async () => {
    const { id, email, secret } = await withSecondStep();
    const browser = visitor(app);
    await signIn(email, browser).expect(303);
    const wrong = Array.from({ length: 20 }, (_none, i) => String(i).padStart(6, '0'));
    const answers = await Promise.all(wrong.map((code) => enter(browser, code)));
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    await enter(browser, codeOf(secret)).expect(429);
    const failures = await database.query(
      `select 1 from audit_events where subject_id = $1 and reason = 'wrong_code'`,
      [id],
    );
    expect(failures).toHaveLength(21);
  });

  it('takes a backup code instead, each once, also at once, and tells by mail', async () => {
    const { id, email, codes } = await withSecondStep();
    const browsers = [visitor(app), visitor(app)];
    for (const browser of browsers) await signIn(email, browser).expect(303);
    const code = (codes[3] ?? '').toUpperCase().replaceAll('-', ' ');
    const answers = await Promise.all(browsers.map((browser) => enter(browser, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const told = await database.query(
      `select 1 from mails where person_id = $1 and subject = 'A backup code was used'`,
      [id],
    );
    expect(told).toHaveLength(1);
    const left = await database.query('select 1 from backup_codes where person_id = $1', [id]);
    expect(left).toHaveLength(9);
    const other = await withSecondStep();
    const stranger = visitor(app);
    await signIn(other.email, stranger).expect(303);
    await enter(stranger, codes[5] ?? '').expect(422);
  });

  it('attack 7: is asked for after a password was reset too', async () => {
    const { email } = await withSecondStep();
    await visitor(app).post('/forgot').type('form').send({ email }).expect(200);
    await expect.poll(() => pathMailedTo(database, email, 'password.reset')).toBeTruthy();
    const reset = await pathMailedTo(database, email, 'password.reset');
    const browser = visitor(app);
    await browser.post(reset).type('form').send({ password: 'amber kettle thursday' }).expect(303);
    const answer = await signIn(email, browser, 'amber kettle thursday').expect(303);
    expect(answer.headers['location']).toBe('/sign-in/code');
    await browser.get('/me').expect(303);
  });

  it('opens no session when the password was changed in between', async () => {
    const { id, email, secret } = await withSecondStep();
    const browser = visitor(app);
    await signIn(email, browser).expect(303);
    await database.query(`update people set password_hash = null where id = $1`, [id]);
    expect((await enter(browser, codeOf(secret)).expect(303)).headers['location']).toBe('/sign-in');
    await browser.get('/me').expect(303);
  });

  it('attack 1: is asked of who comes by Google too', async () => {
    const google = await startGoogle();
    const { id, email, secret } = await withSecondStep();
    const { app: withGoogle } = appWithGoogle(database, google.options, {});
    google.state.identity = anybody({ email });
    const browser = visitor(withGoogle);
    const answer = await browser.get((await agree(browser)).path).expect(303);
    expect(answer.headers['location']).toBe('/sign-in/code');
    await browser.get('/me').expect(303);
    await enter(browser, codeOf(secret)).expect(303);
    expect((await browser.get('/me').expect(200)).body).toMatchObject({ id });
    await google.stop();
  });

  it('is turned off by a code or the password, not by a browser that is signed in', async () => {
    const { id, email, browser, secret } = await withSecondStep();
    const off = (proof_secret: string) =>
      browser.post('/account/security/codes/off').type('form').send({ proof_secret });
    expect((await off('not this one').expect(422)).text).toContain('Neither a code');
    await off(codeOf(secret)).expect(303);
    expect(await rowOf(id)).toBeUndefined();
    expect((await signIn(email).expect(303)).headers['location']).toBe('/w/acme');
    const other = await withSecondStep();
    await other.browser
      .post('/account/security/codes/off')
      .type('form')
      .send({ proof_secret: PASSWORD })
      .expect(303);
    expect(await rowOf(other.id)).toBeUndefined();
  });

  it('is asked for again before what changes how somebody gets in', async () => {
    const { email, secret, browser } = await withSecondStep();
    const asked = await browser
      .post('/account/confirm')
      .type('form')
      .send({ password: PASSWORD, next: '/account/security' })
      .expect(303);
    expect(asked.headers['location']).toBe('/sign-in/code');
    expect((await browser.get('/me').expect(200)).body).toMatchObject({ email });
    const back = await enter(browser, codeOf(secret)).expect(303);
    expect(back.headers['location']).toBe('/account/security');
  });

  it('has a secret that is good for its owner only, and is sealed anew by the newest secret', async () => {
    const one = await withSecondStep();
    const other = await somebody(database);
    const theirs = visitor(app);
    await signIn(other.email, theirs).expect(303);
    await theirs
      .post('/account/security/codes')
      .type('form')
      .send({ sealed: one.sealed, code: codeOf(one.secret) })
      .expect(303);
    expect(await rowOf(other.id)).toBeUndefined();
    const before = await rowOf(one.id);
    const rotated = peopleApp(database, {
      encryptionKeys: ['a newer one', 'the secret of the tests'],
    });
    const browser = visitor(rotated);
    await signIn(one.email, browser).expect(303);
    await enter(browser, codeOf(one.secret)).expect(303);
    const after = await rowOf(one.id);
    expect(after?.sealed).not.toBe(before?.sealed);
    const newest = new SecretBox(['a newer one'], 'totp');
    expect(newest.open(after?.sealed ?? '', one.id)).toBe(one.secret);
    expect(newest.open(after?.sealed ?? '', other.id)).toBeUndefined();
  });

  it('takes the codes that RFC 6238 has, and those of a clock that is half a minute off', () => {
    const secret = Secret.fromUTF8('12345678901234567890').base32;
    expect(stepOfCode(secret, '287082', 59_000)).toBe(1n);
    expect(stepOfCode(secret, '287082', 89_000)).toBe(1n);
    expect(stepOfCode(secret, '287082', 120_000)).toBeUndefined();
    expect(stepOfCode(secret, '28708', 59_000)).toBeUndefined();
  });
});
