import type { Express } from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { agree, anybody, appWithGoogle, bringBack, startGoogle } from './google-stand-in.ts';
import { PASSWORD, somebody, visitor } from './people-app.ts';

const CONNECT = '/auth/google/connect';
const DISCONNECT = '/account/security/google/disconnect';
const PAGE = '/account/security';

let database: TestDatabase;
let google: Awaited<ReturnType<typeof startGoogle>>;
let app: Express;
let failures: string[];
beforeAll(async () => {
  database = await testDatabase();
  google = await startGoogle();
});
beforeEach(() => {
  Object.assign(google.state, { identity: anybody(), answer: 200, asked: [] });
  ({ app, failures } = appWithGoogle(database, google.options, {}));
});
afterAll(async () => {
  await google.stop();
  await database.drop();
});

type Browser = ReturnType<typeof visitor>;

async function signedIn(email: string): Promise<Browser> {
  const browser = visitor(app);
  await browser.post('/sign-in').type('form').send({ email, password: PASSWORD }).expect(303);
  return browser;
}

/** Somebody with a password, signed in. */
async function holder(person: { verified?: boolean; google_subject?: string } = {}) {
  const known = await somebody(database, { verified: true, ...person });
  return { ...known, browser: await signedIn(known.email) };
}

/** Presses the button and agrees at Google's: the path that the browser is sent back to. */
async function begin(browser: Browser): Promise<{ path: string; leave: URL }> {
  const left = await browser.post(CONNECT).expect(302);
  return bringBack(String(left.headers['location']));
}

async function connect(browser: Browser): Promise<string> {
  const answer = await browser.get((await begin(browser)).path).expect(303);
  return String(answer.headers['location']);
}

const googleOf = async (id: string) => {
  const [row] = await database.query<{ subject: string | null; address: string | null }>(
    'select google_subject as subject, google_email as address from people where id = $1',
    [id],
  );
  return row;
};
const mailsTo = async (id: string) => {
  const rows = await database.query<{ subject: string }>(
    'select subject from mails where person_id = $1 order by id',
    [id],
  );
  return rows.map(({ subject }) => subject);
};
const longAgo = (id: string) =>
  database.query(
    `update sessions set sess = jsonb_set(sess::jsonb, '{authenticated_at}', '1')::json
     where person_id = $1`,
    [id],
  );
const addPasskey = async (person_id: string) => {
  const id = newId();
  await database.query(
    `insert into passkeys (id, person_id, name, credential_id, public_key, counter, transports)
     values ($1, $2, 'Telephone', $3, '\\x00', 0, '{}')`,
    [id, person_id, newId()],
  );
  return id;
};
const dropPassword = (id: string) =>
  database.query('update people set password_hash = null where id = $1', [id]);

describe('connecting Google', () => {
  it('lets a Google account with another address sign in, tells by mail, and changes nothing else', async () => {
    const { browser, id, email } = await holder();
    expect((await browser.get(PAGE).expect(200)).text).toContain('Connect Google');
    const { path, leave } = await begin(browser);
    expect(leave.searchParams.get('prompt')).toBe('select_account');
    const answer = await browser.get(path).expect(303);
    expect(answer.headers['location']).toBe(`${PAGE}?done=google`);
    const { identity } = google.state;
    const page = (await browser.get(`${PAGE}?done=google`).expect(200)).text;
    expect(page).toContain('Google is connected: you can sign in with it.');
    expect(page).toContain(identity.email);
    expect(await googleOf(id)).toEqual({ subject: identity.sub, address: identity.email });
    const other = visitor(app);
    await other.get((await agree(other)).path).expect(303);
    expect((await other.get('/me').expect(200)).body).toMatchObject({ id, email });
    expect(await mailsTo(id)).toEqual(['Google was connected to your account']);
    const actions = await database.query<{ action: string }>(
      `select action from audit_events where subject_id = $1 and action like 'person.google%'`,
      [id],
    );
    expect(actions).toEqual([{ action: 'person.google_linked' }]);
  });

  it('shows the address that Google says now', async () => {
    const { browser, id } = await holder();
    await connect(browser);
    google.state.identity = anybody({ sub: google.state.identity.sub });
    const again = visitor(app);
    await again.get((await agree(again)).path).expect(303);
    expect((await googleOf(id))?.address).toBe(google.state.identity.email);
  });

  it('attack 10: refuses the Google account of somebody else, whose account stays theirs', async () => {
    const [owner, thief] = [await holder(), await holder()];
    await connect(owner.browser);
    const refused = await connect(thief.browser);
    expect(refused).toBe(`${PAGE}?google=taken`);
    const page = (await thief.browser.get(refused).expect(200)).text;
    expect(page).toContain('This Google account signs in to another account here.');
    expect(await googleOf(thief.id)).toEqual({ subject: null, address: null });
    expect((await googleOf(owner.id))?.subject).toBe(google.state.identity.sub);
    expect(await mailsTo(thief.id)).toEqual([]);
  });

  it('attack 10: of two people who connect the same Google account at once, one has it', async () => {
    const holders = await Promise.all([holder(), holder()]);
    const paths = await Promise.all(
      holders.map(async ({ browser }) => (await begin(browser)).path),
    );
    const answers = await Promise.all(
      holders.map(({ browser }, i) => browser.get(paths[i] ?? '').expect(303)),
    );
    expect(answers.map(({ headers }) => headers['location']).sort()).toEqual([
      `${PAGE}?done=google`,
      `${PAGE}?google=taken`,
    ]);
  });

  it('attack 10: a second Google account takes the place of none, also at once', async () => {
    const { email, id, browser } = await holder();
    const [one, two] = [browser, await signedIn(email)];
    const first = (await begin(one)).path;
    const second = (await begin(two)).path;
    const accounts = [anybody(), anybody()];
    google.next(...accounts);
    const answers = await Promise.all([one.get(first), two.get(second)]);
    expect(answers.map(({ headers }) => headers['location']).sort()).toEqual([
      `${PAGE}?done=google`,
      `${PAGE}?google=another`,
    ]);
    expect(accounts.map(({ sub }) => sub)).toContain((await googleOf(id))?.subject);
    expect(await mailsTo(id)).toHaveLength(1);
  });

  it('attack 10: asks a session that is older than ten minutes to sign in once more first', async () => {
    const { browser, id } = await holder({ google_subject: newId() });
    await longAgo(id);
    for (const path of [CONNECT, DISCONNECT]) {
      const asked = await browser.post(path).expect(303);
      expect(asked.headers['location']).toMatch(/^\/account\/confirm\?next=/);
    }
    expect((await googleOf(id))?.subject).not.toBeNull();
  });

  it('attack 10: is begun by a form of our own pages only, and comes back to it once', async () => {
    const { browser, id } = await holder();
    await browser.post(CONNECT).set('Origin', 'https://evil.example').expect(403);
    await browser.get(CONNECT).expect(404);
    const { path } = await begin(browser);
    const forged = new URL(path, 'http://scrip.test');
    forged.searchParams.set('state', 'forged');
    const refused = await browser.get(forged.pathname + forged.search).expect(303);
    expect(refused.headers['location']).toBe(`${PAGE}?google=state`);
    const late = await browser.get(path).expect(303);
    expect(late.headers['location']).toBe(`/home-of/${id}`);
    const stranger = await holder();
    await stranger.browser.get((await begin(browser)).path).expect(303);
    const denied = await begin(browser);
    expect(denied.path).toContain('code=');
    const away = await browser.get('/auth/google/callback?error=access_denied').expect(303);
    expect(away.headers['location']).toBe(`${PAGE}?google=denied`);
    expect(await googleOf(id)).toEqual({ subject: null, address: null });
    expect(await googleOf(stranger.id)).toEqual({ subject: null, address: null });
    expect(failures).toEqual(['state', 'denied']);
    await browser.get('/me').expect(200);
  });

  it('attack 10: connects nothing to an account whose address is not verified, or by one that Google has not', async () => {
    const unverified = await holder({ verified: false });
    expect((await unverified.browser.get(PAGE)).text).not.toContain('Connect Google');
    expect(await connect(unverified.browser)).toBe(`${PAGE}?google=address`);
    const { browser, id } = await holder();
    google.state.identity = anybody({ email_verified: false });
    expect(await connect(browser)).toBe(`${PAGE}?google=unverified`);
    expect((await googleOf(id))?.subject).toBeNull();
  });

  it('shows again who one is by one’s own Google account only, and makes nobody on the way', async () => {
    const { browser, email } = await holder({ google_subject: newId() });
    const left = await browser.get('/auth/google?again=1').expect(302);
    const { path } = await bringBack(String(left.headers['location']));
    const answer = await browser.get(path).expect(403);
    expect(answer.text).toContain('You are not signed in.');
    const made = await database.query('select 1 from people where email = $1', [
      google.state.identity.email,
    ]);
    expect(made).toEqual([]);
    await signedIn(email);
  });
});

describe('disconnecting Google', () => {
  it('stands until it is connected again: the address alone signs nobody in', async () => {
    const { browser, id, email } = await holder();
    google.state.identity = anybody({ email });
    await connect(browser);
    const answer = await browser.post(DISCONNECT).expect(303);
    expect(answer.headers['location']).toBe(`${PAGE}?done=google-off`);
    expect(await googleOf(id)).toEqual({ subject: null, address: null });
    const other = visitor(app);
    const refused = await other.get((await agree(other)).path).expect(403);
    expect(refused.text).toContain('Google was disconnected from the account');
    await other.get('/me').expect(303);
    expect(await mailsTo(id)).toEqual([
      'Google was connected to your account',
      'Google was disconnected from your account',
    ]);
    await browser.post(DISCONNECT).expect(303);
    expect(await mailsTo(id)).toHaveLength(2);
    expect(await connect(browser)).toBe(`${PAGE}?done=google`);
    await other.get((await agree(other)).path).expect(303);
    expect((await other.get('/me').expect(200)).body).toMatchObject({ id });
  });

  it('attack 10: the last way in stays, and the page says what to do first', async () => {
    const { browser, id } = await holder({ google_subject: newId() });
    await dropPassword(id);
    const kept = await browser.post(DISCONNECT).expect(303);
    const page = (await browser.get(String(kept.headers['location'])).expect(200)).text;
    expect(page).toContain('Google is the only way into your account.');
    expect(page).not.toContain('Disconnect Google');
    expect((await googleOf(id))?.subject).not.toBeNull();
    await addPasskey(id);
    const gone = await browser.post(DISCONNECT).expect(303);
    expect(gone.headers['location']).toBe(`${PAGE}?done=google-off`);
  });

  it('attack 10: Google and the only passkey taken away at once leave one of them', async () => {
    const { browser, id } = await holder({ google_subject: newId() });
    await dropPassword(id);
    const passkey = await addPasskey(id);
    const remove = () =>
      browser.post('/account/security/passkeys/remove').type('form').send({ id: passkey });
    const answers = await Promise.all([remove().expect(303), browser.post(DISCONNECT).expect(303)]);
    const kept = answers.filter(({ headers }) => String(headers['location']).includes('kept=last'));
    expect(kept).toHaveLength(1);
    await remove();
    const [left] = await database.query<{ ways: number }>(
      `select (google_subject is not null)::int
         + (select count(*)::int from passkeys where person_id = people.id) as ways
       from people where id = $1`,
      [id],
    );
    expect(left?.ways).toBe(1);
  });
});
