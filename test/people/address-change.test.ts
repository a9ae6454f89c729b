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

async function owner(verified = true) {
  const person = await somebody(database, { verified });
  const browser = visitor(app);
  await signIn(person.email, browser).expect(303);
  const ask = async (email: string): Promise<string> => {
    await browser.post('/account/security/address').type('form').send({ email }).expect(303);
    return pathMailedTo(database, email, 'address.verify');
  };
  return { ...person, browser, ask };
}

const signIn = (email: string, browser = visitor(app)) =>
  browser.post('/sign-in').type('form').send({ email, password: PASSWORD });

const addressOf = async (id: string) => {
  const rows = await database.query<{ email: string }>('select email from people where id = $1', [
    id,
  ]);
  return rows[0]?.email;
};

const mailsTo = async (address: string) =>
  (
    await database.query<{ kind: string }>(
      'select kind from mails where to_address = $1 order by id',
      [address],
    )
  ).map(({ kind }) => kind);

describe('another e-mail address', () => {
  it('is taken when its link was opened there, and both are told', async () => {
    const { id, email, browser, ask } = await owner();
    const next = randomEmail();
    const path = await ask(next);
    expect(await addressOf(id)).toBe(email);
    expect((await browser.get(path).expect(200)).text).toContain(`takes the place of ${email}`);
    await browser.post(path).expect(303);
    expect(await addressOf(id)).toBe(next);
    expect(await mailsTo(email)).toEqual(['address.changed']);
    expect(await mailsTo(next)).toEqual(['address.verify', 'security.changed']);
    await signIn(next).expect(303);
    await signIn(email).expect(422);
  });

  it('needs that it was shown lately who asks, and an address that is another one', async () => {
    const { id, email, browser } = await owner();
    const ask = (given: string) =>
      browser.post('/account/security/address').type('form').send({ email: given });
    expect((await ask(email.toUpperCase()).expect(422)).text).toContain(
      'the address that you have',
    );
    await ask('no address').expect(422);
    await database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{authenticated_at}', '1')::json
       where person_id = $1`,
      [id],
    );
    const refused = await ask(randomEmail()).expect(303);
    expect(refused.headers['location']).toMatch(/^\/account\/confirm/);
  });

  it('attack 12: is the one that the link was sent to, whatever was asked for before or at once', async () => {
    const { id, browser, ask } = await owner();
    const [first, second] = [randomEmail(), randomEmail()];
    const [older, newer] = [await ask(first), await ask(second)];
    const answers = await Promise.all([older, newer, older].map((path) => browser.post(path)));
    expect(answers.map(({ status }) => status)).toEqual([404, 303, 404]);
    expect(await addressOf(id)).toBe(second);
  });

  it('is not that of somebody else, and nothing says so before', async () => {
    const other = await somebody(database, { verified: true });
    const { id, email, browser, ask } = await owner();
    const path = await ask(other.email);
    await browser.post(path).expect(422);
    expect(await addressOf(id)).toBe(email);
    expect(await mailsTo(email)).toEqual([]);
  });

  it('ends the links that were mailed to the one before', async () => {
    const { email, browser, ask } = await owner();
    await visitor(app).post('/forgot').type('form').send({ email }).expect(200);
    await expect.poll(() => mailsTo(email)).toEqual(['password.reset']);
    const reset = await pathMailedTo(database, email, 'password.reset');
    await browser.post(await ask(randomEmail())).expect(303);
    await visitor(app).post(reset).type('form').send({ password: 'a thief of links' }).expect(404);
  });

  it('is told to the one before only if that was verified: a stranger gets no account', async () => {
    const { email, browser, ask } = await owner(false);
    await browser.post(await ask(randomEmail())).expect(303);
    expect(await mailsTo(email)).toEqual([]);
  });
});

describe('a change of the address by a thief', () => {
  it('is undone by the old address, which signs the thief out and gets a new password', async () => {
    const { id, email, browser, ask } = await owner();
    await browser.post(await ask(randomEmail())).expect(303);
    const undo = await pathMailedTo(database, email, 'address.changed');
    expect((await visitor(app).get(undo).expect(200)).text).toContain('Take your account back?');
    expect(await addressOf(id)).not.toBe(email);
    expect((await visitor(app).post(undo).expect(200)).text).toContain('Your account is back');
    expect(await addressOf(id)).toBe(email);
    await browser.get('/me').expect(303);
    await signIn(email).expect(422);
    const reset = await pathMailedTo(database, email, 'password.reset');
    await visitor(app).post(reset).type('form').send({ password: PASSWORD }).expect(303);
    await signIn(email).expect(303);
    await visitor(app).post(undo).expect(404);
  });

  it('is undone though it was changed again, and undone by the thief before', async () => {
    const { id, email, browser, ask } = await owner();
    const [theirs, another] = [randomEmail(), randomEmail()];
    await browser.post(await ask(theirs)).expect(303);
    await browser.post(await ask(another)).expect(303);
    await visitor(app)
      .post(await pathMailedTo(database, theirs, 'address.changed'))
      .expect(200);
    expect(await addressOf(id)).toBe(theirs);
    await visitor(app)
      .post(await pathMailedTo(database, email, 'address.changed'))
      .expect(200);
    expect(await addressOf(id)).toBe(email);
    await visitor(app)
      .post(await pathMailedTo(database, theirs, 'address.changed'))
      .expect(404);
  });

  it('leaves the old address to nobody else while it can be undone', async () => {
    const { email, browser, ask } = await owner();
    await browser.post(await ask(randomEmail())).expect(303);
    const squatter = await visitor(app)
      .post('/sign-up')
      .type('form')
      .send({ name: 'Squatter', email, password: PASSWORD })
      .expect(422);
    expect(squatter.text).toContain('There is an account with this e-mail address already.');
    const other = await owner();
    await other.browser.post(await other.ask(email)).expect(422);
    await browser.post(await ask(email)).expect(303);
  });
});
