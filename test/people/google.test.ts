import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PeopleOptions } from '../../src/people/options.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { agree, anybody, appWithGoogle, startGoogle } from './google-stand-in.ts';
import { BASE_URL, PASSWORD, cookiesOf, peopleApp, somebody, visitor } from './people-app.ts';

let database: TestDatabase;
let google: Awaited<ReturnType<typeof startGoogle>>;
beforeAll(async () => {
  database = await testDatabase();
  google = await startGoogle();
});
beforeEach(() => {
  Object.assign(google.state, { identity: anybody(), answer: 200, asked: [] });
});
afterAll(async () => {
  await google.stop();
  await database.drop();
});

const googleApp = (changes: Partial<PeopleOptions> = {}) =>
  appWithGoogle(database, google.options, changes);

const peopleWith = (email: string) =>
  database.query<{
    id: string;
    google_subject: string | null;
    verified: boolean;
    password_hash: string | null;
    staff_role: string | null;
    workspaces: number;
  }>(
    `select p.id, p.google_subject, p.email_verified_at is not null as verified, p.password_hash,
       p.staff_role, (select count(*)::int from memberships m where m.person_id = p.id) as workspaces
     from people p where p.email_normalized = $1`,
    [email],
  );

describe('L1: sign-in with Google', () => {
  it('makes a person with a verified address and what belongs to one, and goes on', async () => {
    const { app } = googleApp();
    const browser = visitor(app);
    const { path, leave } = await agree(browser, '/w/acme/buy');
    const answer = await browser.get(path).expect(303);
    expect(answer.headers['location']).toBe('/w/acme/buy');
    const { email, sub } = google.state.identity;
    const made = await peopleWith(email);
    expect(made).toEqual([
      expect.objectContaining({ google_subject: sub, verified: true, workspaces: 1 }),
    ]);
    expect((await browser.get('/me').expect(200)).body).toMatchObject({
      email,
      name: 'Grace Hopper',
    });
    const asked = Object.fromEntries(leave.searchParams);
    expect(asked).toMatchObject({
      redirect_uri: `${BASE_URL}/auth/google/callback`,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
    });
    expect(asked['state']).toHaveLength(24);
    const events = await database.query<{ action: string }>(
      'select action from audit_events where subject_id = $1 order by id',
      [made[0]?.id],
    );
    expect(events.map((event) => event.action)).toEqual([
      'person.signed_up',
      'person.google_linked',
      'person.signed_in',
    ]);
  });

  it('sends the access token in a header, never in a URL', async () => {
    const browser = visitor(googleApp().app);
    await browser.get((await agree(browser)).path).expect(303);
    expect(google.state.asked).toEqual([
      { url: '/userinfo', authorization: expect.stringMatching(/^Bearer ey/) as unknown },
    ]);
  });

  it('knows a person by the Google account, though the address there has changed', async () => {
    const { app } = googleApp();
    const first = visitor(app);
    await first.get((await agree(first)).path).expect(303);
    const { sub, email } = google.state.identity;
    google.state.identity = anybody({ sub });
    const second = visitor(app);
    await second.get((await agree(second)).path).expect(303);
    expect((await second.get('/me')).body).toMatchObject({ email });
    expect(await peopleWith(google.state.identity.email)).toEqual([]);
  });

  it('attack 1: gives the browser a new session id, and keeps nothing of the one before', async () => {
    const { app } = googleApp();
    const left = await request(app).get('/auth/google').expect(302);
    const before = cookiesOf(left);
    const agreed = await fetch(String(left.headers['location']), { redirect: 'manual' });
    const back = new URL(agreed.headers.get('Location') ?? '');
    const path = back.pathname + back.search;
    const answer = await request(app).get(path).set('Cookie', before).expect(303);
    expect(cookiesOf(answer)).not.toBe(before);
    await request(app).get('/me').set('Cookie', cookiesOf(answer)).expect(200);
    // The callback again with the cookie from before: a replay from a copied request.
    const replayed = await request(app).get(path).set('Cookie', before).expect(400);
    expect(cookiesOf(replayed)).not.toContain('sid=s');
  });

  it('links an account whose address is verified, and leaves its password and sessions', async () => {
    const { app } = googleApp();
    const person = await somebody(database, { verified: true });
    const other = visitor(app);
    await other.post('/sign-in').type('form').send({ email: person.email, password: PASSWORD });
    google.state.identity = anybody({ email: person.email.toUpperCase() });
    const browser = visitor(app);
    await browser.get((await agree(browser)).path).expect(303);
    expect((await browser.get('/me')).body).toEqual(person);
    await other.get('/me').expect(200);
    const [row] = await peopleWith(person.email);
    expect(row).toMatchObject({ google_subject: google.state.identity.sub, workspaces: 1 });
    expect(row?.password_hash).not.toBeNull();
  });

  it('attack 9: takes an account from whoever made it with an address that is not theirs', async () => {
    const reclaimed: string[] = [];
    const { app } = googleApp({
      onPersonReclaimed: async (trx, id) => {
        await trx.selectFrom('people').select('id').where('id', '=', id).executeTakeFirstOrThrow();
        reclaimed.push(id);
      },
    });
    const person = await somebody(database);
    const attacker = visitor(app);
    const credentials = { email: person.email, password: PASSWORD };
    await attacker.post('/sign-in').type('form').send(credentials).expect(303);
    google.state.identity = anybody({ email: person.email });
    const owner = visitor(app);
    await owner.get((await agree(owner)).path).expect(303);
    expect((await owner.get('/me')).body).toMatchObject({ id: person.id });
    await attacker.get('/me').expect(303);
    await visitor(app).post('/sign-in').type('form').send(credentials).expect(422);
    const [row] = await peopleWith(person.email);
    expect(row).toMatchObject({ verified: true, password_hash: null });
    expect(reclaimed).toEqual([person.id]);
  });

  it.each([false, undefined, 'true', 1])(
    'attack 8: neither links nor signs in when email_verified is %j',
    async (email_verified) => {
      const { app } = googleApp();
      const person = await somebody(database);
      google.state.identity = anybody({ email: person.email, email_verified });
      const browser = visitor(app);
      const answer = await browser.get((await agree(browser)).path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).toContain('Continue with Google');
      await browser.get('/me').expect(303);
      expect(await peopleWith(person.email)).toEqual([
        expect.objectContaining({ google_subject: null, verified: false }),
      ]);
    },
  );

  it('signs nobody in who is deactivated, or whose address belongs to another Google account', async () => {
    const { app, failures } = googleApp();
    const gone = await somebody(database, { google_subject: 'gone', verified: true });
    await database.query('update people set deactivated_at = now() where id = $1', [gone.id]);
    const taken = await somebody(database, { google_subject: 'first owner', verified: true });
    const attempts = [
      [anybody({ sub: 'gone' }), 'This account has been deactivated.'],
      [anybody({ email: gone.email }), 'This account has been deactivated.'],
      [anybody({ email: taken.email }), 'belongs to another Google account'],
    ] as const;
    for (const [identity, sentence] of attempts) {
      google.state.identity = identity;
      const browser = visitor(app);
      const answer = await browser.get((await agree(browser)).path).expect(403);
      expect(answer.text).toContain(sentence);
      await browser.get('/me').expect(303);
    }
    expect(failures).toEqual(['deactivated', 'deactivated', 'other_account']);
  });

  it('makes exactly one person of first sign-ins at the same instant', async () => {
    const { app } = googleApp();
    const browsers = [visitor(app), visitor(app), visitor(app)];
    const paths = await Promise.all(browsers.map(async (browser) => (await agree(browser)).path));
    const answers = await Promise.all(browsers.map((browser, i) => browser.get(paths[i] ?? '')));
    expect(answers.map((answer) => answer.status)).toEqual([303, 303, 303]);
    expect(await peopleWith(google.state.identity.email)).toEqual([
      expect.objectContaining({ workspaces: 1 }),
    ]);
  });

  it('gives a listed address its role, for Google has verified it', async () => {
    const { email } = google.state.identity;
    const browser = visitor(googleApp({ adminEmails: [email] }).app);
    await browser.get((await agree(browser)).path).expect(303);
    expect((await peopleWith(email))[0]?.staff_role).toBe('super_admin');
  });

  it('sends somebody home who is signed in already', async () => {
    const { app } = googleApp();
    const browser = visitor(app);
    const { path } = await agree(browser);
    await browser.get(path).expect(303);
    const again = await browser.get('/auth/google').expect(303);
    expect(again.headers['location']).toMatch(/^\/home-of\//);
    const replayed = await browser.get(path).expect(303);
    expect(replayed.headers['location']).toMatch(/^\/home-of\//);
  });

  it('is not offered where it is not set up', async () => {
    const app = peopleApp(database);
    await visitor(app).get('/auth/google').expect(404);
    expect((await visitor(app).get('/sign-in')).text).not.toContain('Google');
  });

  it('does not start with a userinfo URL whose answers would be misread', () => {
    const options = { ...google.options, userinfoUrl: 'https://www.googleapis.com/plus/v1/me' };
    expect(() => googleApp({ google: options })).toThrow('/userinfo');
  });
});
