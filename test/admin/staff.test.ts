import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { staffMember } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const change = (browser: Browser, email: string, role: string, reason = 'She joined us') =>
  browser.post('/admin/staff/role').type('form').send({ email, role, reason });

const roleOf = async (email: string) => {
  const [row] = await program.database.query<{ staff_role: string | null }>(
    'select staff_role from people where email = $1',
    [email],
  );
  return row?.staff_role;
};

describe('roles of the staff', () => {
  test('are given and taken by admins, up to their own, with a reason that is kept', async () => {
    const admin = await staffMember(program, 'admin');
    const ada = await program.signUp();
    expect((await change(admin.browser, ada.email, 'finance', '')).status).toBe(422);
    await change(admin.browser, ada.email, 'finance').expect(303);
    await ada.browser.get('/admin/staff').expect(200).expect(new RegExp(ada.email));
    const above = await change(admin.browser, ada.email, 'super_admin');
    expect([above.status, await roleOf(ada.email)]).toEqual([422, 'finance']);
    await change(admin.browser, ada.email, 'none', 'She left').expect(303);
    await ada.browser.get('/admin/staff').expect(404);
    const events = await program.database.query<{ action: string; reason: string }>(
      `select action, reason from audit_events where subject_id = (select id::text from people where email = $1)
         and action like '%staff_role%' order by id`,
      [ada.email],
    );
    expect(events).toEqual([
      { action: 'person.staff_role_given', reason: 'She joined us' },
      { action: 'person.staff_role_taken', reason: 'She left' },
    ]);
  });

  test('are given to verified addresses only, and to accounts that are there', async () => {
    const admin = await staffMember(program, 'admin');
    const ada = await program.signUp();
    await program.database.query('update people set email_verified_at = null where email = $1', [
      ada.email,
    ]);
    expect((await change(admin.browser, ada.email, 'support')).text).toContain('to be verified');
    expect((await change(admin.browser, 'nobody@example.com', 'support')).text).toContain(
      'Nobody has an account',
    );
  });

  test('are changed by whoever has just shown who they are', async () => {
    const admin = await staffMember(program, 'admin');
    await program.database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{authenticated_at}', '1')::json`,
    );
    const ada = await program.signUp();
    const asked = await change(admin.browser, ada.email, 'support');
    expect(asked.headers['location']).toContain('/account/confirm');
    expect(await roleOf(ada.email)).toBeNull();
  });

  test('two super admins who take the role from each other leave one, who cannot leave either', async () => {
    await program.database.query(
      "update people set staff_role = null where staff_role = 'super_admin'",
    );
    const [one, other] = [
      await staffMember(program, 'super_admin'),
      await staffMember(program, 'super_admin'),
    ];
    const answers = await Promise.all([
      change(one.browser, other.email, 'none'),
      change(other.browser, one.email, 'none'),
    ]);
    const roles = [await roleOf(one.email), await roleOf(other.email)];
    expect(roles.filter((role) => role === 'super_admin')).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    const last = roles[0] === null ? other : one;
    const gone = await last.browser
      .post('/account/delete')
      .type('form')
      .send({ email: last.email, consent: 'yes' });
    expect([gone.status, gone.text.includes('the last super admin')]).toEqual([422, true]);
  });
});

/** Uses an operation as its page does. */
async function use(customer: Customer) {
  const form = { operation: 'image.generate', quantity: '1', nonce: randomUUID() };
  await customer.browser.post(`/w/${customer.slug}/use`).type('form').send(form);
  const [entry] = await program.database.query<{
    amount: string;
    list_amount: string | null;
    waiver: string | null;
  }>(
    `select amount, list_amount, waiver from entries where wallet_id = $1 and kind = 'debit'
     order by seq desc limit 1`,
    [customer.wallet_id],
  );
  return entry;
}

describe('R8: super admins', () => {
  test('R8: are not charged in their own workspace, each use is recorded at 0 with the reason', async () => {
    const chief = await staffMember(program, 'super_admin');
    const ada = await program.signUp();
    await change(chief.browser, ada.email, 'super_admin').expect(303);
    const before = await ada.available();
    expect(await use(ada)).toEqual({
      amount: '0',
      list_amount: '3000000',
      waiver: 'super_admin',
    });
    expect(await ada.available()).toBe(before);
    await change(chief.browser, ada.email, 'none').expect(303);
    expect(await use(ada)).toEqual({ amount: '3000000', list_amount: null, waiver: null });
  });

  test('R8: are charged again once they invite others into that workspace', async () => {
    const chief = await staffMember(program, 'super_admin');
    const ada = await program.signUp();
    await change(chief.browser, ada.email, 'super_admin').expect(303);
    await ada.browser
      .post(`/w/${ada.slug}/team/invitations`)
      .type('form')
      .send({ email: 'guest@example.com', role: 'member', nonce: randomUUID() })
      .expect(201);
    expect(await use(ada)).toMatchObject({ amount: '3000000', waiver: null });
  });
});

test('what the staff do alone is set by super admins', async () => {
  const chief = await staffMember(program, 'super_admin');
  const path = '/admin/staff/limits';
  const wrong = await chief.browser
    .post(path)
    .type('form')
    .send({ small: 'x', large: '', money: 'USD' });
  expect(wrong.status).toBe(422);
  const amounts = { small: '20', large: '', money: 'usd 500\nJPY 30000' };
  await chief.browser.post(path).type('form').send(amounts).expect(303);
  const page = await chief.browser.get('/admin/staff').expect(200);
  for (const words of ['No limit', '$500.00', '¥30,000']) expect(page.text).toContain(words);
  const form = await chief.browser.get(path).expect(200);
  expect(form.text).toContain('JPY 30000\nUSD 500.00');
  const [event] = await program.database.query<{ before: object }>(
    "select before from audit_events where action = 'staff_limits.changed'",
  );
  expect(event?.before).toMatchObject({ small_credits_micro: '100000000' });
});
