import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, newKey, send } from '../support/api.ts';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const DEBIT = { operation: 'image.generate', quantity: '1' };
const FILLED_IN = {
  name: 'Night job',
  mode: 'live',
  scopes: ['balance:read', 'debits:write'],
  expires: '90',
  limit: '',
  period: 'month',
};

/** Fills in the form of the page, with a nonce of its own. */
async function submit(
  { browser, slug }: Customer,
  fields: Record<string, string | string[]>,
  nonce?: string,
) {
  const page = await browser.get(`/w/${slug}/keys`).expect(200);
  const body = new URLSearchParams({ nonce: nonce ?? hiddenField(page.text, 'nonce') });
  for (const [name, value] of Object.entries({ ...FILLED_IN, ...fields })) {
    for (const one of [value].flat()) body.append(name, one);
  }
  return browser.post(`/w/${slug}/keys`).type('form').send(body.toString());
}

function secretIn(html: string): string {
  const secret = /scrip_(?:live|test)_[0-9a-f]{12}_[\w-]{43}/.exec(html)?.[0];
  if (secret === undefined) throw new Error('the page shows no key');
  return secret;
}

async function keyOf(customer: Customer, fields: Record<string, string | string[]> = {}) {
  const made = await submit(customer, fields);
  expect(made.status).toBe(201);
  const secret = secretIn(made.text);
  const [stored] = await program.database.query<{ id: string }>(
    'select id from api_keys where prefix = $1',
    [secret.slice(0, 23)],
  );
  return { secret, id: stored?.id ?? '', page: `/w/${customer.slug}/keys/${stored?.id ?? ''}` };
}

describe('the page of keys', () => {
  test('attack 24: a key is shown once and works at once; what is kept of it is its hash', async () => {
    const ada = await program.signUp();
    expect((await ada.browser.get(`/w/${ada.slug}/keys`)).text).toContain('No keys yet');
    const made = await submit(ada, {});
    expect(made.status).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    const secret = secretIn(made.text);
    expect(made.text).toContain(`curl ${program.url}/api/v1/balance`);
    await send(program, secret, '/debits', DEBIT).expect(201);
    const page = await ada.browser.get(`/w/${ada.slug}/keys`);
    expect(page.text).toContain(secret.slice(0, 23));
    expect(page.text).not.toContain(secret.slice(24));
    for (const table of ['api_keys', 'audit_events', 'sessions', 'entries', 'entry_details']) {
      const rows = await program.database.query<{ row: string }>(
        `select t::text as row from ${table} t`,
      );
      expect(rows.map(({ row }) => row).join('\n')).not.toContain(secret.slice(24));
    }
  });

  test('a form that is sent twice makes one key, and shows it once', async () => {
    const ada = await program.signUp();
    const nonce = crypto.randomUUID();
    const answers = await Promise.all([submit(ada, {}, nonce), submit(ada, {}, nonce)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await submit(ada, {}, nonce)).text).toContain('was made before');
    const keys = await program.database.query('select from api_keys where workspace_id = $1', [
      ada.workspace_id,
    ]);
    expect(keys).toHaveLength(1);
  });

  test('a key that was used says when', async () => {
    const ada = await program.signUp();
    const key = await keyOf(ada);
    expect((await ada.browser.get(key.page)).text).toContain('Not yet');
    await send(program, key.secret, '/debits', DEBIT).expect(201);
    await program.keyUses.write();
    expect((await ada.browser.get(key.page)).text).not.toContain('Not yet');
    const [stored] = await program.database.query<{ age: number }>(
      'select extract(epoch from now() - last_used_at)::float8 as age from api_keys where id = $1',
      [key.id],
    );
    expect(Math.abs(stored?.age ?? Infinity)).toBeLessThan(60);
  });

  test('a budget of a key refuses what goes above it, and the page says what is spent', async () => {
    const ada = await program.signUp();
    const key = await keyOf(ada, { limit: '5', period: 'week' });
    await send(program, key.secret, '/debits', DEBIT).expect(201);
    const refused = await send(program, key.secret, '/debits', DEBIT).expect(402);
    expect(bodyOf(refused)).toMatchObject({
      code: 'budget_reached',
      used: '3',
      limit: '5',
      blocked_by: { subject: `api_key:${key.id}`, period: 'week' },
    });
    expect((await ada.browser.get(key.page)).text).toContain('3.00 spent of 5.00 a week');
    const other = await keyOf(ada);
    await send(program, other.secret, '/debits', DEBIT).expect(201);
  });

  test('a key for tests spends of the test wallet, and its budget is there', async () => {
    const ada = await program.signUp();
    const key = await keyOf(ada, { mode: 'test', limit: '5' });
    expect(key.secret).toMatch(/^scrip_test_/);
    await send(program, key.secret, '/debits', DEBIT).expect(402);
    expect(await ada.available()).toBe(50_000_000n);
  });

  test('what is wrong in the form is named, what was typed stays, and no key is made', async () => {
    const ada = await program.signUp();
    const wrong: [Record<string, string | string[]>, string][] = [
      [{ name: ' ' }, 'Name it by what uses it.'],
      [{ scopes: [] }, 'Tick what it may do.'],
      [{ limit: '-1' }, 'Give credits above 0'],
      [{ limit: '1e400' }, 'Give credits above 0'],
      [{ expires: '10000' }, 'Choose when it expires.'],
      [{ mode: 'both' }, 'Choose live or test.'],
      [{ period: 'hour' }, 'Choose a period.'],
    ];
    for (const [fields, sentence] of wrong) {
      const { status, text } = await submit(ada, fields);
      expect([fields, status]).toEqual([fields, 422]);
      expect(text).toContain(sentence);
      expect(text).toContain('No key was made.');
    }
    const { text } = await submit(ada, { name: 'Kept', limit: 'x', scopes: ['prices:read'] });
    expect(text).toContain('value="Kept"');
    expect(text).toContain('value="prices:read" checked');
    expect(text).not.toContain('value="debits:write" checked');
    expect((await ada.browser.get(`/w/${ada.slug}/keys`)).text).toContain('No keys yet');
  });

  test('gives no key that makes credits', async () => {
    const ada = await program.signUp();
    for (const scope of ['grants:write', 'customers:write', 'all']) {
      const { status } = await submit(ada, { scopes: ['balance:read', scope] });
      expect([scope, status]).toEqual([scope, 422]);
    }
    const grants = { workspace_id: ada.workspace_id, scopes: ['grants:write'] } as const;
    await expect(newKey(program, grants)).rejects.toThrow('for keys of the service only');
    const insertion = program.database.query(
      `insert into api_keys (id, workspace_id, livemode, name, prefix, hash, scopes)
       values (gen_random_uuid(), $1, true, 'x', 'x', '', '{grants:write}')`,
      [ada.workspace_id],
    );
    await expect(insertion).rejects.toThrow('api_keys_of_a_workspace_give_no_credits');
  });

  test('is for owners and admins, and keys of others are not found', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const key = await keyOf(ada);
    await eve.browser.get(`/w/${ada.slug}/keys`).expect(404);
    await eve.browser.get(`/w/${eve.slug}/keys/${key.id}`).expect(404);
    await eve.browser
      .post(`/w/${eve.slug}/keys/${key.id}/revoke`)
      .send('confirmed=yes')
      .expect(404);
    await ada.browser.get(`/w/${ada.slug}/keys/x`).expect(404);
    const become = (role: string) =>
      program.database.query('update memberships set role = $2 where workspace_id = $1', [
        ada.workspace_id,
        role,
      ]);
    await become('admin');
    await ada.browser.get(`/w/${ada.slug}/keys`).expect(200);
    await become('member');
    await ada.browser.get(`/w/${ada.slug}/keys`).expect(403);
    await ada.browser.get(key.page).expect(403);
    await ada.browser.post(`/w/${ada.slug}/keys`).type('form').send('name=x').expect(403);
    await ada.browser.post(`${key.page}/revoke`).send('confirmed=yes').expect(403);
    expect((await ada.browser.get(`/w/${ada.slug}`)).text).not.toContain('>Keys</a>');
    await send(program, key.secret, '/debits', DEBIT).expect(201);
  });
});

describe('revoking a key on its page', () => {
  test('asks first, ends it at once, and says so', async () => {
    const ada = await program.signUp();
    const key = await keyOf(ada);
    await send(program, key.secret, '/debits', DEBIT).expect(201);
    const asked = await ada.browser.post(`${key.page}/revoke`).type('form').send('').expect(422);
    expect(asked.text).toContain('Tick this first.');
    await send(program, key.secret, '/debits', DEBIT).expect(201);
    await ada.browser.post(`${key.page}/revoke`).type('form').send('confirmed=yes').expect(303);
    const refused = await send(program, key.secret, '/debits', DEBIT).expect(401);
    expect(bodyOf(refused).code).toBe('key_revoked');
    const page = await ada.browser.get(key.page);
    expect(page.text).toContain('This key is revoked.');
    expect(page.text).not.toContain('Revoke the key');
    expect((await ada.browser.get(`/w/${ada.slug}/keys`)).text).toContain('Revoked');
    expect(await ada.available()).toBe(44_000_000n);
  });

  test('and making it are written down, with who did it and from where', async () => {
    const ada = await program.signUp();
    const key = await keyOf(ada, { limit: '7', period: 'all' });
    for (let time = 0; time < 2; time++) {
      await ada.browser.post(`${key.page}/revoke`).type('form').send('confirmed=yes').expect(303);
    }
    const events = await program.database.query<{ after: object }>(
      `select e.action, e.after, p.email, e.ip is not null and e.request_id is not null as placed
       from audit_events e join people p on p.id = e.actor_id
       where e.subject_kind = 'api_key' and e.subject_id = $1 order by e.id`,
      [key.id],
    );
    const by = { email: ada.email, placed: true };
    expect(events).toMatchObject([
      { action: 'api_key.created', ...by },
      { action: 'api_key.revoked', after: null, ...by },
    ]);
    expect(events[0]?.after).toMatchObject({
      name: 'Night job',
      scopes: ['balance:read', 'debits:write'],
      budget: { period: 'all', limit: '7' },
    });
  });

  test('attack 24: in the middle of a burst, what comes after is a 401 and what came before is counted', async () => {
    const ada = await program.signUp();
    const key = await keyOf(ada);
    const message = { operation: 'message.send', quantity: '1' };
    const burst = Array.from({ length: 60 }, () => send(program, key.secret, '/debits', message));
    const revoking = ada.browser.post(`${key.page}/revoke`).type('form').send('confirmed=yes');
    const [answers] = await Promise.all([Promise.all(burst), revoking.expect(303)]);
    for (let time = 0; time < 5; time++) {
      const late = await send(program, key.secret, '/debits', message).expect(401);
      expect(bodyOf(late).code).toBe('key_revoked');
    }
    const charged = answers.filter(({ status }) => status === 201).length;
    const refused = answers.filter(({ status }) => status === 401).length;
    expect(charged + refused).toBe(60);
    expect(await ada.available()).toBe(50_000_000n - BigInt(charged) * 100_000n);
  });
});
