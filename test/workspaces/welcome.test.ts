import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathMailedTo } from '../people/mailed.ts';
import { type Browser, type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;

beforeAll(async () => {
  program = await testProgram({ settings: { TRUST_PROXY: '1' } });
});
afterAll(() => program.stop());

let block = 0;

/** Somebody who signs up from an address of a block of their own, unless it is given. */
async function join(email: string, ip = `203.0.${(block += 1)}.7`): Promise<Browser> {
  const browser = program.browser().set('X-Forwarded-For', ip);
  await program.database.query("delete from rate_limits where key like 'sign-up-client%'");
  const form = { name: 'Newcomer', email, password: 'violet anchor tuesday' };
  await browser.post('/sign-up').type('form').send(form).expect(303);
  return browser;
}

async function claimOf(email: string) {
  const [claim] = await program.database.query<{ state: string; reason: string; given: string }>(
    `select c.state, c.reason, w.available::text as given from people p
     join welcome_claims c on c.person_id = p.id
     join wallets w on w.workspace_id = c.workspace_id and w.livemode where p.email = $1`,
    [email],
  );
  return claim && { state: claim.state, reason: claim.reason, given: claim.given !== '0' };
}

describe('welcome credits', () => {
  test('are given once to a mailbox, however it is written', async () => {
    await join('kate.bell@gmail.com');
    await join('k.a.t.e.bell+two@googlemail.com');
    expect(await claimOf('kate.bell@gmail.com')).toMatchObject({ state: 'granted', given: true });
    expect(await claimOf('k.a.t.e.bell+two@googlemail.com')).toEqual({
      state: 'refused',
      reason: 'mailbox',
      given: false,
    });
  });

  test('are given once to a mailbox when thirty of its addresses sign up at once', async () => {
    const addresses = Array.from({ length: 30 }, (_, n) => `race+${n}@example.com`);
    await Promise.all(addresses.map((address) => join(address)));
    const claims = await Promise.all(addresses.map(claimOf));
    expect(claims.filter((claim) => claim?.given)).toHaveLength(1);
  });

  test('are not given again after the account was deleted', async () => {
    const browser = await join('again@example.com');
    const form = { email: 'again@example.com', consent: 'yes' };
    await browser.post('/account/delete').type('form').send(form).expect(200);
    await join('again@example.com');
    expect(await claimOf('again@example.com')).toMatchObject({ state: 'refused', given: false });
  });

  test('wait for the staff with a throw-away address, who give or refuse them', async () => {
    const [give, refuse] = ['one@mailinator.com', 'two@mailinator.com'];
    const newcomer = await join(give);
    await join(refuse);
    expect(await claimOf(give)).toEqual({ state: 'review', reason: 'throw_away', given: false });
    const home = await newcomer.get('/').expect(303);
    const start = await newcomer.get(`${String(home.headers['location'])}/start`).expect(200);
    expect(start.text).toContain('are being looked at');
    const [support, finance] = [
      await staffBrowser(program, 'support'),
      await staffBrowser(program, 'finance'),
    ];
    const page = await finance.get('/admin/welcome').expect(200);
    expect(page.text).toContain(give);
    const idOf = async (email: string): Promise<string> => {
      const [row] = await program.database.query<{ workspace_id: string }>(
        'select workspace_id from welcome_claims c join people p on p.id = person_id where email = $1',
        [email],
      );
      return row?.workspace_id ?? '';
    };
    await support.post(`/admin/welcome/${await idOf(give)}/give`).expect(403);
    const id = await idOf(give);
    await Promise.all([1, 2, 3].map(() => finance.post(`/admin/welcome/${id}/give`).expect(303)));
    await finance.post(`/admin/welcome/${await idOf(refuse)}/refuse`).expect(303);
    expect(await claimOf(give)).toMatchObject({ state: 'granted', given: true });
    expect(await claimOf(refuse)).toMatchObject({ state: 'refused', reason: 'staff' });
    await newcomer.post(`/admin/welcome/${id}/give`).expect(404);
  });

  test('wait for the staff from the twenty-first account of a block in a day', async () => {
    for (let n = 0; n < 21; n += 1) await join(`block-${n}@example.com`, `198.51.100.${n + 1}`);
    expect(await claimOf('block-19@example.com')).toMatchObject({ state: 'granted' });
    expect(await claimOf('block-20@example.com')).toMatchObject({
      state: 'review',
      reason: 'block',
    });
  });

  test('stop when the budget is used, to the credit', async () => {
    const finance = await staffBrowser(program, 'finance');
    await finance.post('/admin/welcome/budget').type('form').send({ budget: '-5' }).expect(422);
    const [{ granted } = { granted: '0' }] = await program.database.query<{ granted: string }>(
      'select (granted / 1000000)::text as granted from welcome_campaigns',
    );
    const budget = String(Number(granted) + 120);
    await finance.post('/admin/welcome/budget').type('form').send({ budget }).expect(303);
    const addresses = Array.from({ length: 5 }, (_, n) => `budget-${n}@example.com`);
    await Promise.all(addresses.map((address) => join(address)));
    const claims = await Promise.all(addresses.map(claimOf));
    expect(claims.filter((claim) => claim?.given)).toHaveLength(2);
    expect(claims.filter((claim) => claim?.reason === 'budget')).toHaveLength(3);
    await finance.post('/admin/welcome/budget').type('form').send({ budget: '' }).expect(303);
  });
});

describe('where the address has to be verified first', () => {
  test('welcome credits come with the link, once', async () => {
    const browser = await join('waits@mailinator.com');
    await program.database.query(
      `update welcome_claims set state = 'waiting', reason = null where state = 'review'
         and person_id = (select id from people where email = 'waits@mailinator.com')`,
    );
    await program.database.query(
      `update people set email = 'waits@example.com', email_normalized = 'waits@example.com'
       where email = 'waits@mailinator.com'`,
    );
    await browser.post('/verify').expect(303);
    const path = await pathMailedTo(program.database, 'waits@example.com', 'address.verify');
    await browser.post(path).expect(303);
    expect(await claimOf('waits@example.com')).toMatchObject({ state: 'granted', given: true });
  });
});
