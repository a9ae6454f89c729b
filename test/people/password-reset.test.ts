import type { Express } from 'express';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HashEngine, createPasswords } from '../../src/people/passwords.ts';
import { hash, verify } from '@node-rs/argon2';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { pathMailedTo } from './mailed.ts';
import { PASSWORD, peopleApp, randomEmail, somebody, visitor } from './people-app.ts';

const NEW = 'amber kettle thursday';

let database: TestDatabase;
let app: Express;
beforeAll(async () => {
  database = await testDatabase();
  app = peopleApp(database);
});
afterAll(async () => {
  await database.drop();
});

const signIn = (email: string, password: string, browser = visitor(app)) =>
  browser.post('/sign-in').type('form').send({ email, password });

const forgot = (email: string) => visitor(app).post('/forgot').type('form').send({ email });

/** Asks for a link, whose mail is written after the answer. */
async function linkFor(email: string): Promise<string> {
  const count = async () =>
    (await database.query('select 1 from mails where to_address = $1', [email])).length;
  const before = await count();
  await forgot(email).expect(200);
  await expect.poll(count).toBe(before + 1);
  return pathMailedTo(database, email, 'password.reset');
}

const use = (path: string, password = NEW, browser = visitor(app)) =>
  browser.post(path).type('form').send({ password });

describe('a forgotten password', () => {
  it('is replaced by a mailed link: every session ends, and a mail tells', async () => {
    const { email, id } = await somebody(database, { verified: true });
    const elsewhere = visitor(app);
    await signIn(email, PASSWORD, elsewhere).expect(303);
    const path = await linkFor(email);
    expect((await visitor(app).get('/sign-in')).text).toContain('href="/forgot"');
    const page = await visitor(app).get(path).expect(200);
    expect(page.text).toContain('Choose a new password');
    expect((await use(path, 'short').expect(422)).text).toContain('10 characters or more');
    const done = await use(path).expect(303);
    expect(done.headers['location']).toBe('/sign-in?reset=done');
    await elsewhere.get('/me').expect(303);
    await signIn(email, PASSWORD).expect(422);
    await signIn(email, NEW).expect(303);
    const told = await database.query(
      `select subject from mails where person_id = $1 and kind = 'security.changed'`,
      [id],
    );
    expect(told).toEqual([{ subject: 'Your password was changed' }]);
  });

  it('attack 3: asked for, is answered alike and before anybody looks whether there is such an account', async () => {
    const known = await somebody(database, { verified: true });
    const unknown = randomEmail();
    const locked = new pg.Client({ connectionString: database.url });
    await locked.connect();
    await locked.query('begin');
    await locked.query('lock table people in access exclusive mode');
    const pages = [];
    for (const email of [known.email, unknown]) {
      const answer = await forgot(email).expect(200);
      pages.push(answer.text.replaceAll(email, 'somebody'));
    }
    expect(pages[0]).toBe(pages[1]);
    await locked.query('rollback');
    await locked.end();
    await expect.poll(() => pathMailedTo(database, known.email, 'password.reset')).toBeTruthy();
    const mails = await database.query('select 1 from mails where to_address = $1', [unknown]);
    expect(mails).toEqual([]);
  });

  it('attack 7: a link is good once, also at once, and only the newest', async () => {
    const { email } = await somebody(database, { verified: true });
    const older = await linkFor(email);
    const newer = await linkFor(email);
    await visitor(app).get(older).expect(404);
    await use(older).expect(404);
    const answers = await Promise.all([1, 2, 3].map(() => use(newer)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404, 404]);
    await use(newer, 'another one of mine').expect(404);
    await signIn(email, NEW).expect(303);
  });

  it('attack 7: no link is taken for one that is made up, repeated, too old, or sent to another address', async () => {
    const { email, id } = await somebody(database, { verified: true });
    const path = await linkFor(email);
    const odd = ['null', 'undefined', '[]', '%5B%5D', '%00', 'a'.repeat(43), "'%20or%201=1--"];
    for (const token of odd) await use(`/reset/${token}`).expect(404);
    for (const body of ['token[]=a&password=' + NEW, 'token=null&password=' + NEW])
      await visitor(app).post('/reset/null').send(body).expect(404);
    await visitor(app).post(path).send(`password=${NEW}&password=${NEW}`).expect(422);
    await visitor(app).get('/reset').expect(404);
    await database.query('update people set email = $1, email_normalized = $1 where id = $2', [
      randomEmail(),
      id,
    ]);
    await use(path).expect(404);
    await database.query('update people set email = $1, email_normalized = $1 where id = $2', [
      email,
      id,
    ]);
    const other = await linkFor(email);
    await database.query(`update mailed_links set expires_at = now() where person_id = $1`, [id]);
    await use(other).expect(404);
    await signIn(email, PASSWORD).expect(303);
  });

  it('attack 7: the link leaks by no Referer, and no password is hashed for one that is over', async () => {
    const verified: string[] = [];
    const engine: HashEngine = {
      verify,
      hash: (password, cost) => {
        verified.push(password);
        return hash(password, cost);
      },
    };
    const counted = peopleApp(database, { passwords: createPasswords({ engine }) });
    const { email } = await somebody(database, { verified: true });
    const path = await linkFor(email);
    for (const answer of [await visitor(counted).get(path), await use(path, 'short')])
      expect(answer.headers['referrer-policy']).toBe('no-referrer');
    await use(`/reset/${'a'.repeat(43)}`, NEW, visitor(counted)).expect(404);
    expect(verified).toEqual([]);
  });

  it('attack 9: the owner of an address takes the account of who made it without owning it', async () => {
    const reclaimed: string[] = [];
    const owned = peopleApp(database, {
      onPersonReclaimed: (_trx, id) => {
        reclaimed.push(id);
        return Promise.resolve();
      },
    });
    const { email, id } = await somebody(database);
    const attacker = visitor(app);
    await signIn(email, PASSWORD, attacker).expect(303);
    await use(await linkFor(email), NEW, visitor(owned)).expect(303);
    await attacker.get('/me').expect(303);
    expect(reclaimed).toEqual([id]);
    const rows = await database.query<{ verified: boolean }>(
      'select email_verified_at is not null as verified from people where id = $1',
      [id],
    );
    expect(rows).toEqual([{ verified: true }]);
  });

  it('is mailed five times an hour to one address, known or not', async () => {
    for (const email of [(await somebody(database)).email, randomEmail()]) {
      for (let i = 0; i < 5; i++) await forgot(email).expect(200);
      const refused = await forgot(email.toUpperCase()).expect(429);
      expect(refused.text).toContain('Too many tries.');
    }
    await forgot('no address').expect(422);
  });
});
