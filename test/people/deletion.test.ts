import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgetMailsTo } from '../../src/lib/mail.ts';
import { deletedWithMails } from '../../src/people/deletion.ts';
import { leaveStripe } from '../../src/billing/leaving.ts';
import { createLog } from '../../src/lib/log.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { order } from '../support/purchases.ts';
import { newPlan, sendPlanForm, subscribed } from '../support/subscriptions.ts';

let program: TestProgram;

beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

function remove(customer: Customer, changes: Record<string, string> = {}) {
  const form = { email: customer.email, consent: 'yes', ...changes };
  return customer.browser.post('/account/delete').type('form').send(form);
}

async function idOf({ email }: Customer): Promise<string> {
  const [row] = await program.database.query<{ id: string }>(
    'select id from people where email = $1',
    [email],
  );
  return row?.id ?? '';
}

describe('a copy of one’s data', () => {
  test('has what was done and nothing of others', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const copy = await ada.browser.get('/account/data.json').expect(200);
    expect(copy.headers['content-disposition']).toContain('scrip-account.json');
    expect(copy.body).toMatchObject({
      person: { email: ada.email, has_password: true },
      workspaces: [{ slug: ada.slug, role: 'owner' }],
    });
    const { activity } = copy.body as { activity: { action: string }[] };
    expect(activity.map(({ action }) => action)).toContain('person.signed_up');
    expect(copy.text).not.toContain(eve.email);
    expect(copy.text).not.toContain('password_hash');
    await program.browser().get('/account/data.json').expect(303);
  });
});

describe('deleting an account', () => {
  test('takes away all that was personal, and leaves the books', async () => {
    const ada = await program.signUp('Ada Unforgettable');
    const id = await idOf(ada);
    const page = await ada.browser.get('/account/data').expect(200);
    expect(page.text).toContain('credits that are left, and my account.');
    const done = await remove(ada).expect(200);
    expect(done.text).toContain('The account is deleted');
    await ada.browser.get('/account').expect(303);
    const again = await program
      .browser()
      .post('/sign-in')
      .type('form')
      .send({ email: ada.email, password: ada.password });
    expect(again.status).toBe(422);
    const everything = await program.database.query(
      `select to_jsonb(p) from people p where id = $1
       union all select to_jsonb(s) from sessions s where person_id = $1
       union all select to_jsonb(w) from workspaces w where id = $2
       union all select to_jsonb(a) from audit_events a where actor_id = $1`,
      [id, ada.workspace_id],
    );
    expect(JSON.stringify(everything)).not.toContain(ada.email);
    expect(JSON.stringify(everything)).not.toMatch(/unforgettable/i);
    expect(await ada.available()).toBeGreaterThan(0n);
  });

  test('leaves Stripe: an open payment page is closed, and the customer deleted', async () => {
    const ada = await program.signUp();
    const { payment_id } = await order(program, ada);
    const { provider, database } = program;
    if (provider.mode === 'off') throw new Error('somebody takes payments here');
    const known = () =>
      database.query<{ customer_id: string | null; session_id: string; status: string }>(
        `select c.customer_id, p.checkout_session_id as session_id, p.status
         from stripe_customers c join payments p on p.workspace_id = c.workspace_id
         where p.id = $1`,
        [payment_id],
      );
    const [before] = await known();
    await remove(ada).expect(200);
    const work = { connections: database.connections, provider, log: createLog('silent') };
    await Promise.all([leaveStripe(work), leaveStripe(work)]);
    const customer = await provider.stripe.customers.retrieve(before?.customer_id ?? '');
    expect(customer.deleted).toBe(true);
    const session = await provider.stripe.checkout.sessions.retrieve(before?.session_id ?? '');
    expect(session.status).toBe('expired');
    const [after] = await known();
    expect(after).toMatchObject({ customer_id: null, status: 'cancelled' });
  });

  test('forgets what was mailed, within the hour', async () => {
    const ada = await program.signUp();
    const { connections } = program.database;
    const sent = () =>
      program.database.query('select id from mails where to_address = $1', [ada.email]);
    expect(await sent()).not.toEqual([]);
    await remove(ada);
    await forgetMailsTo(connections.ledgerJobs, await deletedWithMails(connections.staff));
    expect(await sent()).toEqual([]);
    expect(await deletedWithMails(connections.staff)).toEqual([]);
  });

  test('frees the address for a new account', async () => {
    const ada = await program.signUp();
    await remove(ada);
    const form = { name: 'Ada', email: ada.email, password: 'violet anchor tuesday' };
    await program.browser().post('/sign-up').type('form').send(form).expect(303);
  });

  test.each([
    ['without the tick', { consent: '' }, 'Tick this'],
    ['with another address', { email: 'else@example.com' }, 'not the address of the account'],
  ])('is not done %s', async (_how, changes, sentence) => {
    const ada = await program.signUp();
    const page = await remove(ada, changes).expect(422);
    expect(page.text).toContain(sentence);
    await ada.browser.get('/account').expect(200);
  });

  test('is not done while others depend on a workspace of theirs', async () => {
    const [ada, ben] = [await program.signUp(), await program.signUp('Ben')];
    await program.database.query(
      `insert into memberships (workspace_id, person_id, role) values ($1, $2, 'member')`,
      [ada.workspace_id, await idOf(ben)],
    );
    const page = await remove(ada).expect(422);
    expect(page.text).toContain('Others work in');
    await ada.browser.get(`/w/${ada.slug}`).expect(200);
    await remove(ben).expect(200);
    await remove(ada).expect(200);
  });

  test('is not done while a plan would be paid for again', async () => {
    const { month } = await newPlan(program, 900n);
    const { ada } = await subscribed(program, month);
    const page = await remove(ada).expect(422);
    expect(page.text).toContain('Cancel it first');
    await sendPlanForm(ada, '/cancel').expect(303);
    await remove(ada).expect(200);
  });

  test('ends the keys of a workspace that ends with it', async () => {
    const ada = await program.signUp();
    await ada.browser
      .post(`/w/${ada.slug}/keys`)
      .type('form')
      .send({ name: 'web', livemode: 'live', scopes: 'debits:write' });
    await remove(ada);
    const keys = await program.database.query<{ revoked: boolean }>(
      'select revoked_at is not null as revoked from api_keys where workspace_id = $1',
      [ada.workspace_id],
    );
    expect(keys.every(({ revoked }) => revoked)).toBe(true);
  });
});
