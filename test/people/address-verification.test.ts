import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { pathMailedTo } from './mailed.ts';
import { PASSWORD, peopleApp, randomEmail, somebody, visitor } from './people-app.ts';

let database: TestDatabase;
let app: Express;
beforeAll(async () => {
  database = await testDatabase();
  app = peopleApp(database);
});
afterAll(async () => {
  await database.drop();
});

async function signedUp(email = randomEmail()) {
  const browser = visitor(app);
  await browser
    .post('/sign-up')
    .type('form')
    .send({ name: 'Ada Lovelace', email, password: PASSWORD })
    .expect(303);
  return { browser, email, path: await linkTo(email) };
}

const linkTo = (email: string) => pathMailedTo(database, email, 'address.verify');

const isVerified = async (email: string) => {
  const [row] = await database.query<{ verified: boolean }>(
    'select email_verified_at is not null as verified from people where email = $1',
    [email],
  );
  return row?.verified;
};

describe('the verification of an address', () => {
  it('begins at sign-up with a mail, of whose link only a hash is kept', async () => {
    const { email, path } = await signedUp();
    expect(path).toMatch(/^\/verify\/[\w-]{43}$/);
    const links = await database.query<{ token_hash: string; days: number }>(
      `select l.token_hash, extract(day from l.expires_at - now())::int as days
       from mailed_links l where l.address = $1 and l.purpose = 'address'`,
      [email],
    );
    expect(links).toEqual([
      { token_hash: expect.stringMatching(/^[\w-]{43}$/) as unknown, days: 2 },
    ]);
    expect(path).not.toContain(links[0]?.token_hash);
    const mails = await database.query('select is_secret from mails where to_address = $1', [
      email,
    ]);
    expect(mails).toEqual([{ is_secret: true }]);
    expect(await isVerified(email)).toBe(false);
  });

  it('is done by the button, not by opening the link, and once', async () => {
    const { browser, email, path } = await signedUp();
    for (let i = 0; i < 3; i++) {
      const page = await browser.get(path).expect(200);
      expect(page.text).toContain('Is this your address?');
      expect(page.headers['referrer-policy']).toBe('no-referrer');
    }
    expect(await isVerified(email)).toBe(false);
    expect((await browser.get('/verify').expect(200)).text).toContain('Send another link');
    await browser.post(path).expect(303);
    expect(await isVerified(email)).toBe(true);
    expect((await browser.get('/verify').expect(200)).text).toContain('Your address is verified');
    await browser.post(path).expect(404);
    await browser.get(path).expect(404);
    const events = await database.query(
      `select 1 from audit_events a join people p on p.id::text = a.subject_id
       where p.email = $1 and a.action = 'person.address_verified'`,
      [email],
    );
    expect(events).toHaveLength(1);
  });

  it('needs whoever signed up: the owner of an address gives no account to somebody else', async () => {
    const { email, path } = await signedUp();
    const owner = visitor(app);
    const asked = await owner.get(path).expect(303);
    expect(asked.headers['location']).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    await owner.post(path).expect(303);
    const other = await signedUp();
    expect((await other.browser.get(path).expect(404)).text).toContain('no longer good');
    await other.browser.post(path).expect(404);
    expect(await isVerified(email)).toBe(false);
    expect(await isVerified(other.email)).toBe(false);
  });

  it('is by the newest link only, and by none that is old, changed or made up', async () => {
    const { browser, email, path } = await signedUp();
    await browser.post('/verify').expect(303);
    const newer = await linkTo(email);
    expect(newer).not.toBe(path);
    await browser.post(path).expect(404);
    for (const odd of ['null', 'undefined', '%00', 'a'.repeat(43), '?token[]=a', "'or'1'='1"])
      await browser.post(`/verify/${odd}`).expect((answer) => {
        expect([404, 303]).toContain(answer.status);
      });
    await database.query('update mailed_links set expires_at = now() where address = $1', [email]);
    await browser.get(newer).expect(404);
    await browser.post(newer).expect(404);
    expect(await isVerified(email)).toBe(false);
  });

  it('is pressed twice at once, and done once', async () => {
    const { browser, email, path } = await signedUp();
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser.post(path)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404, 404, 404]);
    expect(await isVerified(email)).toBe(true);
  });

  it('sends no more than five mails in an hour', async () => {
    const { browser, email } = await signedUp();
    for (let i = 0; i < 5; i++) await browser.post('/verify').expect(303);
    const refused = await browser.post('/verify').expect(429);
    expect(refused.text).toContain('Too many tries.');
    const sent = await database.query('select 1 from mails where to_address = $1', [email]);
    expect(sent).toHaveLength(6);
  });

  it('makes who is listed as an admin one', async () => {
    const email = randomEmail();
    const listing = peopleApp(database, { adminEmails: [email] });
    await somebody(database, { email });
    const browser = visitor(listing);
    await browser.post('/sign-in').type('form').send({ email, password: PASSWORD }).expect(303);
    expect((await browser.get('/me')).body).toMatchObject({ staff_role: null });
    await browser.post('/verify').expect(303);
    await browser.post(await linkTo(email)).expect(303);
    expect((await browser.get('/me')).body).toMatchObject({ staff_role: 'super_admin' });
  });
});
