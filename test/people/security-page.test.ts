import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceOf } from '../../src/core/devices.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { PASSWORD, peopleApp, somebody, visitor } from './people-app.ts';

const NEW = 'amber kettle thursday';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0';

let database: TestDatabase;
let app: Express;
beforeAll(async () => {
  database = await testDatabase();
  app = peopleApp(database);
});
afterAll(async () => {
  await database.drop();
});

async function signedIn(email: string, password = PASSWORD) {
  const browser = visitor(app);
  await browser
    .post('/sign-in')
    .set('User-Agent', FIREFOX)
    .type('form')
    .send({ email, password })
    .expect(303);
  return browser;
}

const sessionsOf = async (id: string) =>
  (await database.query('select 1 from sessions where person_id = $1', [id])).length;

describe('the change of a password', () => {
  it('attack 2: asks for the present one, and ends all other sessions', async () => {
    const { email, id } = await somebody(database);
    const [here, there] = [await signedIn(email), await signedIn(email)];
    const change = (present: string, password: string) =>
      here.post('/account/security/password').type('form').send({ present, password });
    const wrong = await change('not this one', NEW).expect(422);
    expect(wrong.text).toContain('This is not your present password.');
    expect((await change(PASSWORD, email).expect(422)).text).toContain('not your e-mail address');
    await there.get('/me').expect(200);
    await change(PASSWORD, NEW).expect(303);
    await here.get('/me').expect(200);
    await there.get('/me').expect(303);
    expect(await sessionsOf(id)).toBe(1);
    await signedIn(email, NEW);
  });

  it('is not made with a present password that is not said, nor by who has tried too often', async () => {
    const { email } = await somebody(database);
    const here = await signedIn(email);
    const first = () =>
      here.post('/account/security/first-password').type('form').send({ password: NEW });
    await first().expect(422);
    for (let i = 0; i < 10; i++)
      await here
        .post('/account/security/password')
        .type('form')
        .send({ present: `guess number ${i}`, password: NEW })
        .expect(422);
    const refused = await here
      .post('/account/security/password')
      .type('form')
      .send({ present: PASSWORD, password: NEW })
      .expect(429);
    expect(refused.text).toContain('Too many tries.');
  });

  it('lets somebody who has none set one, after they have shown again that it is them', async () => {
    const { email, id } = await somebody(database, { verified: true, google_subject: 'g-1' });
    const here = await signedIn(email);
    await database.query('update people set password_hash = null where id = $1', [id]);
    await database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{authenticated_at}', '1')::json
       where person_id = $1`,
      [id],
    );
    const first = () =>
      here.post('/account/security/first-password').type('form').send({ password: NEW });
    const asked = await first().expect(303);
    expect(asked.headers['location']).toMatch(/^\/account\/confirm\?next=/);
    expect((await here.get('/account/confirm').expect(200)).text).not.toContain('type="password"');
    await database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{authenticated_at}', to_jsonb($2::bigint))::json
       where person_id = $1`,
      [id, Date.now()],
    );
    expect((await here.get('/account/security').expect(200)).text).toContain('Set a password');
    await first().expect(303);
    await signedIn(email, NEW);
  });
});

describe('showing again that it is oneself', () => {
  it('gives a new session id, and comes back to a page of ours only', async () => {
    const { email, id } = await somebody(database);
    const here = await signedIn(email);
    const confirm = (password: string, next: string) =>
      here.post('/account/confirm').type('form').send({ password, next });
    const [before] = await database.query('select sid from sessions where person_id = $1', [id]);
    expect((await confirm('not this one', '/me').expect(422)).text).toContain('not your password');
    const gone = await confirm(PASSWORD, '/account/security').expect(303);
    expect(gone.headers['location']).toBe('/account/security');
    const after = await database.query('select sid from sessions where person_id = $1', [id]);
    expect(after).toHaveLength(1);
    expect(after[0]).not.toEqual(before);
    for (const evil of ['//evil.example', '/\\evil.example', 'https:evil.example', '/%2f%2fevil']) {
      const answer = await confirm(PASSWORD, evil).expect(303);
      expect(answer.headers['location']).toBe('/');
    }
  });
});

describe('the list of sessions', () => {
  it('names each by its device, and ends one or all others', async () => {
    const { email, id } = await somebody(database);
    const [here, there, third] = [
      await signedIn(email),
      await signedIn(email),
      await signedIn(email),
    ];
    const page = (await here.get('/account/security').expect(200)).text;
    expect(page.match(/Firefox on Windows</g)).toHaveLength(3);
    expect(page.match(/This device/g)).toHaveLength(1);
    const sids = await database.query<{ sid: string }>('select sid from sessions');
    for (const { sid } of sids) expect(page).not.toContain(sid);
    const handles = [...page.matchAll(/name="handle" value="([^"]+)"/g)].map(([, one]) => one);
    const end = (body: object) =>
      here.post('/account/security/sessions/end').type('form').send(body).expect(303);
    await end({ handle: 'none of them' });
    await end({ handle: ['a', 'b'] });
    expect(await sessionsOf(id)).toBe(3);
    await end({ handle: handles[0] });
    expect(await sessionsOf(id)).toBe(2);
    await end({});
    expect(await sessionsOf(id)).toBe(1);
    await here.get('/me').expect(200);
    await there.get('/me').expect(303);
    await third.get('/me').expect(303);
  });

  it('ends nobody else’s', async () => {
    const [one, other] = [await somebody(database), await somebody(database)];
    const [browser, theirs] = [await signedIn(one.email), await signedIn(other.email)];
    await signedIn(other.email);
    const handle = /name="handle" value="([^"]+)"/.exec(
      (await theirs.get('/account/security')).text,
    )?.[1];
    await browser.post('/account/security/sessions/end').type('form').send({ handle });
    await browser.post('/account/security/sessions/end').type('form').send({});
    expect(await sessionsOf(other.id)).toBe(2);
  });

  it('attack 23: says nothing that a browser makes up', () => {
    expect(deviceOf('<b>evil</b>\r\n2026 admin signed in')).toBe('An unknown device');
    expect(deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS) CriOS/140 Safari/604')).toBe(
      'Chrome on iPhone',
    );
    expect(deviceOf('Mozilla/5.0 (X11; Linux) Chrome/140 Safari/537 Edg/140')).toBe(
      'Edge on Linux',
    );
  });
});
