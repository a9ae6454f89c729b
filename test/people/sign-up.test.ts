import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { PASSWORD, peopleApp, randomEmail, randomIp, visitor } from './people-app.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.drop();
});

const form = (changes: Record<string, string> = {}) => ({
  name: 'Ada Lovelace',
  email: randomEmail(),
  password: PASSWORD,
  next: '',
  ...changes,
});

async function countOf(email: string): Promise<{ people: number; workspaces: number }> {
  const [row] = await database.query<{ people: number; workspaces: number }>(
    `select count(distinct p.id)::int as people, count(m.workspace_id)::int as workspaces
     from people p left join memberships m on m.person_id = p.id where p.email_normalized = $1`,
    [email],
  );
  return row ?? { people: 0, workspaces: 0 };
}

describe('sign-up', () => {
  it('makes a person with what belongs to one, signs in, and goes home', async () => {
    const browser = visitor(peopleApp(database));
    const given = form();
    const answer = await browser.post('/sign-up').type('form').send(given).expect(303);
    const me = await browser.get('/me').expect(200);
    expect(me.body).toEqual({
      id: expect.any(String) as unknown,
      email_verified: false,
      email: given.email,
      name: 'Ada Lovelace',
      staff_role: null,
      picture_id: null,
      time_zone: 'UTC',
      locale: 'en',
    });
    const { id } = me.body as { id: string };
    expect(answer.headers['location']).toBe(`/home-of/${id}`);
    expect(await countOf(given.email)).toEqual({ people: 1, workspaces: 1 });
    const events = await database.query<{ action: string }>(
      'select action from audit_events where subject_id = $1 order by id',
      [id],
    );
    expect(events.map((event) => event.action)).toEqual(['person.signed_up', 'person.signed_in']);
  });

  it('stores the password as an argon2id hash of 19 MiB and two passes', async () => {
    const given = form();
    await visitor(peopleApp(database)).post('/sign-up').type('form').send(given).expect(303);
    const [row] = await database.query<{ password_hash: string }>(
      'select password_hash from people where email_normalized = $1',
      [given.email],
    );
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('goes on to the page that was wanted, and nowhere else', async () => {
    const app = peopleApp(database);
    const wanted = await visitor(app)
      .post('/sign-up')
      .type('form')
      .send(form({ next: '/w/acme/buy?package=1' }));
    expect(wanted.headers['location']).toBe('/w/acme/buy?package=1');
    const evil = await visitor(app)
      .post('/sign-up')
      .type('form')
      .send(form({ next: '//evil.example' }));
    expect(evil.headers['location']).toMatch(/^\/home-of\//);
  });

  it('shows the form again, with what was typed but the password, and a sentence per field', async () => {
    const answer = await visitor(peopleApp(database))
      .post('/sign-up')
      .type('form')
      .send(form({ name: ' ', email: 'ada at example', password: 'tiny' }))
      .expect(422);
    expect(answer.text).toContain('Enter your name.');
    expect(answer.text).toContain('This is not an e-mail address');
    expect(answer.text).toContain('Choose a password of 10 characters or more.');
    expect(answer.text).toContain('value="ada at example"');
    expect(answer.text).not.toContain('tiny');
  });

  it.each([
    ['one of the first that are tried', { password: 'Password123' }],
    ['not your e-mail address', { email: 'Ada@Example.com', password: 'ada@example.com' }],
    ['at most 4096 bytes', { password: 'é'.repeat(2049) }],
    ['control characters', { name: 'Ada\u0000' }],
    ['at most 254 characters', { email: `${'a'.repeat(250)}@example.com` }],
  ])('refuses a field that is %s', async (sentence, changes) => {
    const given = form(changes);
    const answer = await visitor(peopleApp(database))
      .post('/sign-up')
      .type('form')
      .send(given)
      .expect(422);
    expect(answer.text).toContain(sentence);
    expect(await countOf(given.email.toLowerCase())).toEqual({ people: 0, workspaces: 0 });
  });

  it('takes addresses that differ in case and width as one, and points to sign-in', async () => {
    const app = peopleApp(database);
    const given = form();
    await visitor(app).post('/sign-up').type('form').send(given).expect(303);
    const again = form({ email: ` ${given.email.toUpperCase().replace('ADA', 'ＡＤＡ')} ` });
    const answer = await visitor(app).post('/sign-up').type('form').send(again).expect(422);
    expect(answer.text).toContain('There is an account with this e-mail address already.');
    expect(await countOf(given.email)).toEqual({ people: 1, workspaces: 1 });
  });

  it('makes exactly one person of sign-ups with one address at the same instant', async () => {
    const app = peopleApp(database);
    const given = form();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => visitor(app).post('/sign-up').type('form').send(given)),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([303, 422, 422, 422, 422, 422]);
    expect(await countOf(given.email)).toEqual({ people: 1, workspaces: 1 });
  });

  it('leaves nothing behind when what belongs to a person cannot be made', async () => {
    const app = peopleApp(database, {
      onPersonCreated: () => Promise.reject(new Error('no wallet')),
    });
    const given = form();
    const answer = await visitor(app).post('/sign-up').type('form').send(given).expect(500);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await countOf(given.email)).toEqual({ people: 0, workspaces: 0 });
  });

  it('refuses repeated and nested fields, and other bodies, with a sentence', async () => {
    const browser = visitor(peopleApp(database));
    const twice = await browser
      .post('/sign-up')
      .send('email=a@example.com&email=b@example.com&name=Ada&password=violet+anchor+tuesday')
      .expect(422);
    expect(twice.text).toContain('Give one value for this field.');
    const nested = await browser.post('/sign-up').send('email[]=a@example.com&name[x]=1');
    expect(nested.status).toBe(422);
    expect(nested.text).toContain('Enter your e-mail address.');
    await browser.post('/sign-up').type('text/plain').send('{"email":"a"}').expect(422);
    await browser
      .post('/sign-up')
      .send(`password=${'x'.repeat(1_000_000)}`)
      .expect(413);
  });

  it('ignores fields that it did not ask for', async () => {
    const given = form({ staff_role: 'super_admin', id: '1', email_verified_at: '2020-01-01' });
    const browser = visitor(peopleApp(database));
    await browser.post('/sign-up').type('form').send(given).expect(303);
    const [row] = await database.query<object>(
      'select staff_role, email_verified_at from people where email_normalized = $1',
      [given.email],
    );
    expect(row).toEqual({ staff_role: null, email_verified_at: null });
  });

  it('lets one client make 30 accounts an hour, the whole of an IPv6 network being one', async () => {
    const app = peopleApp(database);
    const fill = async (ip: string): Promise<void> => {
      await database.query(
        `update rate_limits set points = 30 where key like 'sign-up-client%' and points = 1`,
      );
      const answer = await visitor(app, ip).post('/sign-up').type('form').send(form()).expect(429);
      expect(answer.text).toContain('Too many tries.');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3500);
    };
    await database.query(`delete from rate_limits`);
    const ip = randomIp();
    await visitor(app, ip).post('/sign-up').type('form').send(form()).expect(303);
    await fill(ip);
    await visitor(app, '2001:db8:1:2::1').post('/sign-up').type('form').send(form()).expect(303);
    await fill('2001:db8:1:2:ffff::7');
    await visitor(app, '2001:db8:1:3::1').post('/sign-up').type('form').send(form()).expect(303);
  });
});
