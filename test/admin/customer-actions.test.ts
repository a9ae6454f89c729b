import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, newKey, send } from '../support/api.ts';
import {
  type Browser,
  type Customer,
  type TestProgram,
  hiddenField,
  testProgram,
} from '../support/program.ts';
import { press, pressIn } from '../support/forms.ts';
import { actOn as act, lookAt as seen, pageOf, staffBrowser } from '../support/staff.ts';

let program: TestProgram;
let support: Browser;
let admin: Browser;
beforeAll(async () => {
  program = await testProgram({ settings: { ADMIN_EMAILS: 'root@example.com' } });
  support = await staffBrowser(program, 'support');
  admin = await staffBrowser(program, 'super_admin');
});
afterAll(() => program.stop());

async function personOf({ email }: Customer): Promise<string> {
  const [row] = await program.database.query<{ id: string }>(
    'select id from people where email = $1',
    [email],
  );
  return row?.id ?? '';
}

const auditOf = (subject: string) =>
  program.database.query<{ action: string; reason: string; before: unknown; after: unknown }>(
    'select action, reason, before, after from audit_events where subject_id = $1 order by id desc',
    [subject],
  );

describe('R7: staff grant and take credits with a reason', () => {
  test('and see before and after; the entry says who and why', async () => {
    const own = await program.signUp();
    const before = await seen(support, `${pageOf(own)}/grant`, { amount: '12.5' });
    expect(before).toContain('62.50');
    expect(before).toContain('Ticket 5120');
    await act(support, `${pageOf(own)}/grant`, /^Give 12.50 credits$/, { amount: '12.5' });
    expect(await own.available()).toBe(62_500_000n);
    const entry = await own.browser.get(`/w/${own.slug}/history/2`).expect(200);
    expect(entry.text).toContain('Ticket 5120');
    await act(admin, `${pageOf(own)}/deduct`, /^Take away 0.50 credits$/, { amount: '0.5' });
    expect(await own.available()).toBe(62_000_000n);
    const [last] = await auditOf(own.wallet_id);
    expect(last).toMatchObject({ action: 'wallet.credits_deducted', reason: 'Ticket 5120' });
  });

  test('once, when the confirmed form comes twice at once', async () => {
    const own = await program.signUp();
    const path = `${pageOf(own)}/grant`;
    const html = await seen(support, path, { amount: '3' });
    const twice = await Promise.all([1, 2].map(() => pressIn(support, { path, html }, /^Give/)));
    expect(twice.map(({ status }) => status)).toEqual([303, 303]);
    expect(await own.available()).toBe(53_000_000n);
  });

  test.each(['-5', '0', '1e3', '1,000', '0.0000001', '99999999999999999999', 'NaN', '', ' '])(
    'never an amount such as "%s"',
    async (amount) => {
      const own = await program.signUp();
      const path = `${pageOf(own)}/grant`;
      const sent = { amount, reason: 'x', confirmed: 'yes', nonce: randomUUID() };
      await support.post(path).type('form').send(sent).expect(422);
      expect(await own.available()).toBe(50_000_000n);
    },
  );

  test('with a reason, and no more away than there is', async () => {
    const own = await program.signUp();
    const none = await press(support, `${pageOf(own)}/grant`, 'Go on', {
      amount: '1',
      reason: ' ',
    });
    expect(none.status).toBe(422);
    const path = `${pageOf(own)}/deduct`;
    const above = await press(admin, path, 'Go on', { amount: '50.000001', reason: 'x' });
    expect(above.status).toBe(422);
    expect(above.text).toContain('There are 50.00 credits to take away');
    await support.get(path).expect(403);
    expect(await own.available()).toBe(50_000_000n);
  });

  test('and what is above the limit of a role waits for somebody else', async () => {
    const own = await program.signUp();
    const low = await staffBrowser(program, 'support');
    const to = await act(low, `${pageOf(own)}/grant`, /^Give/, { amount: '100.5' });
    expect(to).toMatch(/^\/admin\/approvals\//);
    expect(await own.available()).toBe(50_000_000n);
    await press(admin, to, /^Approve/);
    expect(await own.available()).toBe(150_500_000n);
  });

  test('also test credits, which stay apart', async () => {
    const own = await program.signUp();
    await act(support, `${pageOf(own)}/test/grant`, /^Give/, { amount: '7' });
    expect(await own.available()).toBe(50_000_000n);
    const page = await support.get(`${pageOf(own)}/test`).expect(200);
    expect(page.text).toContain('7.00');
  });
});

test('R7: a charge is given back once, no more of it than was charged', async () => {
  const own = await program.signUp();
  const key = await newKey(program, { workspace_id: own.workspace_id });
  const asked = { operation: 'image.generate', quantity: '2' };
  const entry = String(bodyOf(await send(program, key, '/debits', asked).expect(201))['entry']);
  const path = `${pageOf(own)}/history/${entry}/give-back`;
  const html = await seen(admin, path, { amount: '4' });
  const twice = await Promise.all([1, 2].map(() => pressIn(admin, { path, html }, /^Give back/)));
  expect(new Set(twice.map(({ headers }) => headers['location'])).size).toBe(1);
  expect(await own.available()).toBe(48_000_000n);
  const above = await press(admin, path, 'Go on', { amount: '3', reason: 'x' });
  expect(above.text).toContain('2.00 credits are left of this entry');
  await press(admin, `${pageOf(own)}/history/1/give-back`, 'Go on', {
    amount: '1',
    reason: 'x',
  }).then(({ status }) => {
    expect(status).toBe(422);
  });
});

test('R7: support gives back what is small, and what is above the limit of the role waits', async () => {
  const own = await program.signUp();
  const key = await newKey(program, { workspace_id: own.workspace_id });
  await act(admin, `${pageOf(own)}/grant`, /^Give/, { amount: '200' });
  const asked = { operation: 'image.generate', quantity: '60' };
  const entry = String(bodyOf(await send(program, key, '/debits', asked).expect(201))['entry']);
  const path = `${pageOf(own)}/history/${entry}/give-back`;
  const low = await staffBrowser(program, 'support');
  const because = { amount: '20', reason: 'twice', because: 'It was charged twice' };
  expect(await act(low, path, /^Give back/, because)).toBe(`${pageOf(own)}/history/${entry}`);
  expect(await own.available()).toBe(90_000_000n);
  expect(await auditOf(own.wallet_id)).toMatchObject([
    { action: 'entry.given_back', reason: 'It was charged twice: twice' },
    { action: 'wallet.credits_granted' },
  ]);
  const to = await act(low, path, /^Give back/, { amount: '90' });
  expect((await admin.get(to).expect(200)).text).toContain(`${pageOf(own)}/history/${entry}"`);
  expect(await own.available()).toBe(90_000_000n);
  await press(admin, to, /^Approve/);
  expect(await own.available()).toBe(180_000_000n);
});

test('R7: a frozen wallet spends nothing until it is opened; overdraft and budget are kept', async () => {
  const own = await program.signUp();
  const key = await newKey(program, { workspace_id: own.workspace_id });
  const spend = (quantity: string) =>
    send(program, key, '/debits', { operation: 'image.generate', quantity });
  await spend('1').expect(201);
  await act(admin, `${pageOf(own)}/freeze`, /^Freeze it$/);
  await spend('1').expect(403);
  const page = await support.get(pageOf(own)).expect(200);
  expect(page.text).toContain('This wallet is frozen');
  await act(admin, `${pageOf(own)}/unfreeze`, /^Let it spend$/);
  await spend('1').expect(201);
  await act(admin, `${pageOf(own)}/overdraft`, /^Set it to 20.00 credits$/, { overdraft: '20' });
  await spend('20').expect(201);
  const limited = { limit: '70', period: 'all', hard: 'yes' };
  await act(admin, `${pageOf(own)}/budget`, /^Set the budget$/, limited);
  expect(bodyOf(await spend('2').expect(402))['code']).toBe('budget_reached');
  await act(admin, `${pageOf(own)}/budget`, /^End the budget$/);
  await spend('1').expect(201);
  const actions = (await auditOf(own.wallet_id)).map(({ action }) => action);
  expect(actions).toEqual([
    ...['wallet.budget_set', 'wallet.budget_set', 'wallet.overdraft_set'],
    ...['wallet.unfrozen', 'wallet.frozen'],
  ]);
});

test('S10: a person who is shut out can neither sign in nor spend, and gets in again', async () => {
  const own = await program.signUp();
  const key = await newKey(program, { workspace_id: own.workspace_id });
  const person = await personOf(own);
  await program.database.query('update api_keys set created_by = $1 where workspace_id = $2', [
    ...[person, own.workspace_id],
  ]);
  const path = `${pageOf(own)}/people/${person}`;
  await act(admin, `${path}/deactivate`, /^Shut them out$/);
  await own.browser.get(`/w/${own.slug}`).expect(303);
  await send(program, key, '/debits', { operation: 'image.generate', quantity: '1' }).expect(401);
  const signIn = { email: own.email, password: own.password };
  const refused = await program.browser().post('/sign-in').type('form').send(signIn);
  expect(refused.status).not.toBe(303);
  const again = await press(admin, `${path}/deactivate`, 'Go on', { reason: 'x' });
  expect(again.status).toBe(422);
  await act(admin, `${path}/reactivate`, /^Let them in$/);
  await program.browser().post('/sign-in').type('form').send(signIn).expect(303);
  await send(program, key, '/debits', { operation: 'image.generate', quantity: '1' }).expect(401);
  expect(await own.available()).toBe(50_000_000n);
  const actions = (await auditOf(person)).map(({ action }) => action);
  expect(actions).toContain('person.deactivated');
});

test('R7: support starts a password reset and ends sessions; an admin verifies an address, but not one that makes admins', async () => {
  const own = await program.signUp();
  const person = await personOf(own);
  const path = `${pageOf(own)}/people/${person}`;
  await act(support, `${path}/reset-password`, /^Send the mail$/);
  const mails = await program.database.query<{ kind: string }>(
    'select kind from mails where person_id = $1',
    [person],
  );
  expect(mails.map(({ kind }) => kind)).toContain('password.reset');
  await act(support, `${path}/end-sessions`, /^Sign them out$/);
  await own.browser.get(`/w/${own.slug}`).expect(303);
  const verified = () =>
    program.database.query('select 1 from people where id = $1 and email_verified_at is not null', [
      person,
    ]);
  const unverify = 'update people set email_verified_at = null, email = $2, email_normalized = $2';
  await program.database.query(`${unverify} where id = $1`, [person, own.email]);
  await support.get(`${path}/verify`).expect(403);
  await act(admin, `${path}/verify`, /^Verify the address$/);
  expect(await verified()).toHaveLength(1);
  await program.database.query(`${unverify} where id = $1`, [person, 'root@example.com']);
  const html = await seen(admin, `${path}/verify`, {});
  const refused = await pressIn(admin, { path: `${path}/verify`, html }, /^Verify/);
  expect(refused.status).toBe(422);
  expect(await verified()).toEqual([]);
});

test('attack 14: staff do nothing to whom their role does not reach, nor to members of others', async () => {
  const boss = await program.signUp();
  const person = await personOf(boss);
  await program.database.query("update people set staff_role = 'super_admin' where id = $1", [
    person,
  ]);
  const lower = await staffBrowser(program, 'admin');
  const path = `${pageOf(boss)}/people/${person}/deactivate`;
  const html = await seen(lower, path, {});
  const refused = await pressIn(lower, { path, html }, /^Shut them out$/);
  expect(refused.status).toBe(403);
  await boss.browser.get(`/w/${boss.slug}`).expect(200);
  const other = await program.signUp();
  await lower.get(`${pageOf(other)}/people/${person}/deactivate`).expect(404);
});

test('R7: a plan that costs nothing is begun and ended for a customer', async () => {
  const own = await program.signUp();
  const page = await support.get(`${pageOf(own)}/plan`);
  expect(page.status).toBe(403);
  const form = await admin.get(`${pageOf(own)}/plan`).expect(200);
  const free = /<option value="([\w-]{36})"[^>]*>[^<]*free a month/.exec(form.text)?.[1];
  if (free === undefined) throw new Error('no plan is free');
  await act(admin, `${pageOf(own)}/plan`, /^Change the plan$/, { to: free });
  const ends = await seen(admin, `${pageOf(own)}/plan`, { to: 'cancel' });
  const nonce = hiddenField(ends, 'nonce');
  const confirmed = { to: 'cancel', reason: 'Asked for it', confirmed: 'yes', nonce };
  await admin
    .post(`${pageOf(own)}/plan`)
    .type('form')
    .send(confirmed)
    .expect(303);
  await admin
    .post(`${pageOf(own)}/plan`)
    .type('form')
    .send(confirmed)
    .expect(303);
  const [row] = await program.database.query<{ cancel_at_period_end: boolean }>(
    'select cancel_at_period_end from subscriptions where workspace_id = $1',
    [own.workspace_id],
  );
  expect(row?.cancel_at_period_end).toBe(true);
});
