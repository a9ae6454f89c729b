import express, { type Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessions } from '../../src/lib/sessions.ts';
import { findSession } from '../../src/people/identify.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import {
  BASE_URL,
  PASSWORD,
  cookiesOf,
  peopleApp,
  randomIp,
  somebody,
  visitor,
} from './people-app.ts';

let database: TestDatabase;
let app: Express;
beforeAll(async () => {
  database = await testDatabase();
  app = peopleApp(database);
});
afterAll(async () => {
  await database.drop();
});

async function signedIn(cookie = '') {
  const person = await somebody(database);
  const answer = await request(app)
    .post('/sign-in')
    .set({ Origin: BASE_URL, Cookie: cookie, 'X-Forwarded-For': randomIp() })
    .type('form')
    .send({ email: person.email, password: PASSWORD })
    .expect(303);
  return { person, cookie: cookiesOf(answer), answer };
}

const me = (cookie: string) => request(app).get('/me').set('Cookie', cookie);
const sessionsOf = (id: string) =>
  database.query<{ expire: Date; sid: string }>(
    'select expire, sid from sessions where person_id = $1',
    [id],
  );

describe('a session', () => {
  it('is told by a cookie that scripts and other sites cannot use, for 14 days', async () => {
    const { person, answer } = await signedIn();
    const set = String(answer.headers['set-cookie']);
    expect(set).toMatch(/^sid=s%3A.+; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/);
    const [stored] = await sessionsOf(person.id);
    const days = ((stored?.expire.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThan(14.1);
  });

  it('has a cookie of the __Host- kind where the program is reached by https only', async () => {
    const secure = express().set('trust proxy', 1);
    const pool = database.connections.plain;
    secure.use(
      sessions({ pool, find: findSession(pool), secrets: ['one'], secure: true, prune: false }),
    );
    secure.get('/', (req, res) => {
      req.session.google_next = '/';
      res.end();
    });
    const answer = await request(secure).get('/').set('X-Forwarded-Proto', 'https');
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-sid=.+; Path=\/; .*Secure/);
    expect((await request(secure).get('/')).headers['set-cookie']).toBeUndefined();
  });

  it('is made for nobody who only looks', async () => {
    const answer = await visitor(app).get('/sign-in').expect(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('attack 1: gets a new id at sign-in, and the id from before belongs to nobody', async () => {
    const first = await signedIn();
    const second = await signedIn(first.cookie);
    expect(second.cookie).not.toBe(first.cookie);
    await me(first.cookie).expect(303);
    await me(second.cookie).expect(200);
    expect(await sessionsOf(first.person.id)).toEqual([]);
  });

  it('is not taken from a cookie that we did not sign', async () => {
    const { person } = await signedIn();
    const [stored] = await sessionsOf(person.id);
    await me(`sid=${stored?.sid ?? ''}`).expect(303);
    await me(`sid=s%3A${stored?.sid ?? ''}.AAAA`).expect(303);
  });

  it('is signed by the first secret, and read with all of them', async () => {
    const { cookie } = await signedIn();
    const pool = database.connections.plain;
    const rotated = (secrets: string[]) => {
      const other = express();
      other.use(sessions({ pool, find: findSession(pool), secrets, secure: false, prune: false }));
      other.get('/', (req, res) => res.json(req.session.began_at ?? null));
      return request(other).get('/').set('Cookie', cookie);
    };
    expect((await rotated(['newer', 'new'])).body).toEqual(expect.any(Number));
    expect((await rotated(['newer'])).body).toBeNull();
  });

  it('attack 2: ends in the database at sign-out, so that a copied cookie is worth nothing', async () => {
    const { person, cookie } = await signedIn();
    const answer = await request(app)
      .post('/sign-out')
      .set({ Origin: BASE_URL, Cookie: cookie })
      .expect(303);
    expect(answer.headers['location']).toBe('/sign-in');
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^sid=; Path=\/; Expires=Thu, 01 Jan 1970/,
    );
    expect(await sessionsOf(person.id)).toEqual([]);
    await me(cookie).expect(303);
    const events = await database.query(
      `select 1 from audit_events where action = 'person.signed_out' and subject_id = $1`,
      [person.id],
    );
    expect(events).toHaveLength(1);
  });

  it('is not ended by following a link', async () => {
    const { cookie } = await signedIn();
    await request(app).get('/sign-out').set('Cookie', cookie).expect(404);
    await me(cookie).expect(200);
    await request(app).post('/sign-out').set('Origin', BASE_URL).expect(303);
  });

  it('is not brought back by a request that was under way at sign-out', async () => {
    const { person, cookie } = await signedIn();
    const reached = Promise.withResolvers<null>();
    const signedOut = Promise.withResolvers<null>();
    const slow = express();
    const pool = database.connections.plain;
    slow.use(
      sessions({ pool, find: findSession(pool), secrets: ['new'], secure: 'auto', prune: false }),
    );
    slow.get('/', async (req, res) => {
      reached.resolve(null);
      await signedOut.promise;
      req.session.google_next = '/changed';
      res.end();
    });
    const underWay = request(slow).get('/').set('Cookie', cookie).then();
    await reached.promise;
    await request(app).post('/sign-out').set({ Origin: BASE_URL, Cookie: cookie }).expect(303);
    signedOut.resolve(null);
    await underWay;
    expect(await sessionsOf(person.id)).toEqual([]);
    await me(cookie).expect(303);
  });

  it('attack 11: is of no use to somebody who has been deactivated, from the next request on', async () => {
    const { person, cookie } = await signedIn();
    await database.query('update people set deactivated_at = now() where id = $1', [person.id]);
    await me(cookie).expect(303);
    await database.query('update people set deactivated_at = null where id = $1', [person.id]);
    await me(cookie).expect(303);
  });

  it('ends 14 days after its last request, and 90 days after it began', async () => {
    const idle = await signedIn();
    await database.query(`update sessions set expire = now() where person_id = $1`, [
      idle.person.id,
    ]);
    await me(idle.cookie).expect(303);
    const old = await signedIn();
    await database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{began_at}', to_jsonb($2::bigint))::json
       where person_id = $1`,
      [old.person.id, Date.now() - 91 * 86_400_000],
    );
    await me(old.cookie).expect(303);
    expect(await sessionsOf(old.person.id)).toEqual([]);
  });

  it('is prolonged by a request, at most once an hour', async () => {
    const { person, cookie } = await signedIn();
    const before = await sessionsOf(person.id);
    const answer = await me(cookie).expect(200);
    expect(cookiesOf(answer)).toBe(cookie);
    expect(await sessionsOf(person.id)).toEqual(before);
    await database.query(
      `update sessions set expire = now() + interval '1 day' where person_id = $1`,
      [person.id],
    );
    await me(cookie).expect(200);
    const [after] = await sessionsOf(person.id);
    expect((after?.expire.getTime() ?? 0) - Date.now()).toBeGreaterThan(13 * 86_400_000);
  });
});
