import { hash, verify } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HashEngine, createPasswords } from '../../src/people/passwords.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import {
  PASSWORD,
  cookiesOf,
  peopleApp,
  randomEmail,
  randomIp,
  somebody,
  visitor,
} from './people-app.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** The real functions, which note the cost of every hash that is verified. */
function countingEngine(): HashEngine & { verified: string[] } {
  const verified: string[] = [];
  return {
    verified,
    hash,
    verify: (hashed, password) => {
      verified.push(hashed.slice(0, hashed.lastIndexOf('$', hashed.lastIndexOf('$') - 1)));
      return verify(hashed, password);
    },
  };
}

const failuresOf = (subject: string) =>
  database.query<{ reason: string }>(
    `select reason from audit_events where action = 'person.sign_in_failed' and subject_id = $1`,
    [subject],
  );

describe('sign-in', () => {
  it('signs in with a new session id, and goes to the page that was wanted', async () => {
    const app = peopleApp(database);
    const person = await somebody(database);
    const browser = visitor(app);
    const answer = await browser
      .post('/sign-in')
      .type('form')
      .send({ email: person.email, password: PASSWORD, next: '/w/acme' })
      .expect(303);
    expect(answer.headers['location']).toBe('/w/acme');
    const me = await browser.get('/me').expect(200);
    expect(me.body).toEqual(person);
    const home = await browser.get('/sign-in').expect(303);
    expect(home.headers['location']).toBe(`/home-of/${person.id}`);
  });

  it('attack 3: answers alike, after the same hashing, whatever it is that does not fit', async () => {
    const engine = countingEngine();
    const app = peopleApp(database, { passwords: createPasswords({ engine }) });
    const known = await somebody(database);
    const deactivated = await somebody(database);
    const google = await somebody(database, { google_subject: 'only-google', verified: true });
    await database.query('update people set deactivated_at = now() where id = $1', [
      deactivated.id,
    ]);
    await database.query('update people set password_hash = null where id = $1', [google.id]);
    const attempts = [
      { email: known.email, password: 'not this one' },
      { email: deactivated.email, password: PASSWORD },
      { email: google.email, password: PASSWORD },
      { email: randomEmail(), password: PASSWORD },
    ];
    const pages = new Set<string>();
    for (const attempt of attempts) {
      const answer = await visitor(app).post('/sign-in').type('form').send(attempt).expect(422);
      expect(answer.text).toContain('E-mail and password do not fit together.');
      expect(answer.headers['set-cookie']).toBeUndefined();
      pages.add(answer.text.replaceAll(attempt.email, 'somebody'));
    }
    expect(pages.size).toBe(1);
    expect(engine.verified).toEqual(Array(4).fill('$argon2id$v=19$m=19456,t=2,p=1'));
    expect(await failuresOf(known.id)).toEqual([{ reason: 'wrong_password' }]);
    expect(await failuresOf(deactivated.id)).toEqual([{ reason: 'deactivated' }]);
    expect(await failuresOf(google.id)).toEqual([{ reason: 'no_password' }]);
  });

  it('attack 6: takes a password whole and as it was typed, with NUL, emoji and capitals', async () => {
    const app = peopleApp(database);
    const password = `${'x'.repeat(72)}Y\u0000🦉`;
    const person = await somebody(database, { password });
    const signIn = (text: string) =>
      visitor(app).post('/sign-in').type('form').send({ email: person.email, password: text });
    expect((await signIn(password)).status).toBe(303);
    expect((await signIn(password.replace('Y', 'Z'))).status).toBe(422);
    expect((await signIn(password.replace('Y', 'y'))).status).toBe(422);
    expect((await signIn(password.slice(0, 72))).status).toBe(422);
    expect((await signIn('x'.repeat(5000))).status).toBe(422);
  });

  it('attack 22: never answers odd fields with a fault', async () => {
    const app = peopleApp(database);
    const bodies = [
      '',
      'email=a&email=b&password=c',
      'email[]=a@example.com&password[$ne]=',
      'email=a%00@example.com&password=x',
      '__proto__=1&constructor=2&email=toString&password=x',
      "email='%20or%201=1--@example.com&password=x",
      'email=%ff%fe@example.com&password=%ff',
      'next=a&next=b&email=ada@example.com&password=x',
    ];
    for (const body of bodies) await visitor(app).post('/sign-in').send(body).expect(422);
    await visitor(app).get('/sign-in?next=a&next=b&next[x]=%00').expect(200);
    await visitor(app, 'not\taddress').post('/sign-in').send('email=a@b.cd&password=x').expect(422);
  });

  it('attack 4: stops after ten failures for one account, even at once and from many addresses', async () => {
    const engine = countingEngine();
    const app = peopleApp(database, { passwords: createPasswords({ engine }) });
    const person = await somebody(database);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        visitor(app).post('/sign-in').type('form').send({ email: person.email, password: 'wrong' }),
      ),
    );
    expect(engine.verified).toHaveLength(10);
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(20);
    expect(refused[0]?.text).toContain('Too many tries. Try again in 15 minutes.');
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(800);
    await visitor(app)
      .post('/sign-in')
      .type('form')
      .send({ email: person.email.toUpperCase(), password: PASSWORD })
      .expect(429);
  });

  it('stops a client that fails with many addresses, and nobody else', async () => {
    const app = peopleApp(database);
    const person = await somebody(database);
    const ip = randomIp();
    await database.query(`delete from rate_limits`);
    const send = (from: string, password: string) =>
      visitor(app, from).post('/sign-in').type('form').send({ email: person.email, password });
    await send(ip, 'wrong').expect(422);
    await database.query(`update rate_limits set points = 100 where key like 'sign-in-client%'`);
    await send(ip, PASSWORD).expect(429);
    await send(randomIp(), PASSWORD).expect(303);
  });

  it('counts failures only', async () => {
    const app = peopleApp(database);
    const person = await somebody(database);
    for (let i = 0; i < 12; i++) {
      const given = { email: person.email, password: PASSWORD };
      await visitor(app).post('/sign-in').type('form').send(given).expect(303);
    }
  });

  it('says 503 and when to come back while too many passwords are being hashed', async () => {
    const turn = Promise.withResolvers<boolean>();
    const engine: HashEngine = { hash, verify: () => turn.promise };
    const passwords = createPasswords({ engine, running_max: 1, waiting_max: 1 });
    const app = peopleApp(database, { passwords });
    const running = passwords.verify(null, 'a');
    const waiting = passwords.verify(null, 'b');
    const given = { email: randomEmail(), password: PASSWORD };
    for (let i = 0; i < 11; i++) {
      const answer = await visitor(app).post('/sign-in').type('form').send(given).expect(503);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.text).toContain('Too many people are signing in at this moment.');
    }
    turn.resolve(false);
    expect(await Promise.all([running, waiting])).toEqual([false, false]);
    await visitor(app).post('/sign-in').type('form').send(given).expect(422);
  });

  it('hashes a password anew that was hashed with less cost', async () => {
    const app = peopleApp(database);
    const person = await somebody(database);
    const weak = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await database.query('update people set password_hash = $1 where id = $2', [weak, person.id]);
    const given = { email: person.email, password: PASSWORD };
    await visitor(app).post('/sign-in').type('form').send(given).expect(303);
    const [row] = await database.query<{ password_hash: string }>(
      'select password_hash from people where id = $1',
      [person.id],
    );
    expect(row?.password_hash).toContain('m=19456,t=2,p=1');
    await visitor(app).post('/sign-in').type('form').send(given).expect(303);
  });

  it('opens no session when the password was taken away while it was verified', async () => {
    const person = await somebody(database);
    const engine: HashEngine = {
      hash,
      verify: async (hashed, password) => {
        const fits = await verify(hashed, password);
        await database.query('update people set password_hash = null where id = $1', [person.id]);
        return fits;
      },
    };
    const app = peopleApp(database, { passwords: createPasswords({ engine }) });
    const answer = await visitor(app)
      .post('/sign-in')
      .type('form')
      .send({ email: person.email, password: PASSWORD })
      .expect(422);
    expect(cookiesOf(answer)).toBe('');
    const left = await database.query('select 1 from sessions where person_id = $1', [person.id]);
    expect(left).toEqual([]);
  });
});

describe('the first admin', () => {
  const roleOf = async (id: string) => {
    const rows = await database.query<{ staff_role: string | null }>(
      'select staff_role from people where id = $1',
      [id],
    );
    return rows[0]?.staff_role;
  };

  it('is whoever signs in with a verified address that is listed', async () => {
    const listed = await somebody(database, { verified: true });
    const app = peopleApp(database, { adminEmails: [listed.email.toUpperCase()] });
    const given = { email: listed.email, password: PASSWORD };
    const browser = visitor(app);
    await browser.post('/sign-in').type('form').send(given).expect(303);
    expect((await browser.get('/me')).body).toMatchObject({ staff_role: 'super_admin' });
    const events = await database.query(
      `select before, after, actor_kind from audit_events
       where action = 'person.staff_role_given' and subject_id = $1`,
      [listed.id],
    );
    const before = { staff_role: null };
    const after = { staff_role: 'super_admin' };
    expect(events).toEqual([{ before, after, actor_kind: 'system' }]);
  });

  it('is nobody who only typed the address, and nobody loses a role by it', async () => {
    const typed = await somebody(database);
    const support = await somebody(database, { verified: true });
    await database.query(`update people set staff_role = 'support' where id = $1`, [support.id]);
    const app = peopleApp(database, { adminEmails: [typed.email, support.email] });
    for (const { email } of [typed, support])
      await visitor(app).post('/sign-in').type('form').send({ email, password: PASSWORD });
    expect(await roleOf(typed.id)).toBeNull();
    expect(await roleOf(support.id)).toBe('support');
  });
});
