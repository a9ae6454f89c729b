import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPlan } from '../../src/billing/plan-versions.ts';
import { plansOnSale } from '../../src/billing/plans.ts';
import { bodyOf, send } from '../support/api.ts';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { type Joined, askToInvite, invited, joined, personIdOf } from '../support/teams.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

/** Does something to a member by the form of their page. */
async function deal(
  by: Pick<Customer, 'browser'>,
  { slug }: Pick<Customer, 'slug'>,
  personId: string,
  what: 'role' | 'remove' | 'transfer',
  fields: Record<string, string>,
) {
  const path = `/w/${slug}/team/members/${personId}/${what}`;
  return by.browser.post(path).type('form').send(fields);
}

async function rolesOf({ workspace_id }: Customer): Promise<string[]> {
  const rows = await program.database.query<{ role: string }>(
    `select p.name || ' ' || m.role as role from memberships m join people p on p.id = m.person_id
     where m.workspace_id = $1 order by p.name`,
    [workspace_id],
  );
  return rows.map(({ role }) => role);
}

async function mailsTo({ email }: { email: string }, kind: string): Promise<string[]> {
  const rows = await program.database.query<{ subject: string }>(
    'select subject from mails where to_address = $1 and kind = $2',
    [email, kind],
  );
  return rows.map(({ subject }) => subject);
}

async function makeKey({ browser, slug }: Pick<Customer, 'browser' | 'slug'>): Promise<string> {
  const page = await browser.get(`/w/${slug}/keys`);
  const nonce = hiddenField(page.text, 'nonce');
  const fields = { name: 'Robot', mode: 'live', expires: 'never', limit: '', period: 'month' };
  const made = await browser
    .post(`/w/${slug}/keys`)
    .type('form')
    .send({ ...fields, scopes: 'debits:write', nonce });
  return /scrip_live_[0-9a-f]{12}_[\w-]{43}/.exec(made.text)?.[0] ?? '';
}

describe('members of a workspace', () => {
  test('attack 15: roles come from the form of who may give them, and from nothing else', async () => {
    const ada = await program.signUp('Ada');
    const admin = await joined(program, ada, { role: 'admin', name: 'Grace' });
    const member = await joined(program, ada, { name: 'Kate' });
    const owner_id = await personIdOf(program, ada);
    const grows = [
      await deal(admin, ada, member.person_id, 'role', { role: 'owner' }),
      await deal(admin, ada, admin.person_id, 'role', { role: 'owner' }),
      await deal(admin, ada, owner_id, 'role', { role: 'member' }),
      await deal(admin, ada, owner_id, 'remove', { remove: 'yes' }),
      await deal(admin, ada, admin.person_id, 'transfer', { transfer: 'yes' }),
      await deal(member, ada, member.person_id, 'role', { role: 'admin' }),
      await deal(member, ada, owner_id, 'remove', { remove: 'yes' }),
    ];
    expect(grows.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403]);
    const extra = { name: 'Ada', time_zone: 'UTC', role: 'owner', kind: 'personal', id: owner_id };
    await admin.browser.post(`/w/${ada.slug}/settings`).type('form').send(extra).expect(303);
    expect(await rolesOf(ada)).toEqual(['Ada owner', 'Grace admin', 'Kate member']);
    expect((await deal(admin, ada, member.person_id, 'role', { role: 'admin' })).status).toBe(303);
    expect((await deal(ada, ada, member.person_id, 'role', { role: 'owner' })).status).toBe(303);
    expect(await rolesOf(ada)).toEqual(['Ada owner', 'Grace admin', 'Kate owner']);
  });

  test('the last owner neither leaves nor steps down; of two who go at once, one stays', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    const ada_id = await personIdOf(program, ada);
    const leave = ({ browser }: Pick<Customer, 'browser'>) =>
      browser.post(`/w/${ada.slug}/team/leave`).type('form').send({ confirmed: 'yes' });
    expect((await leave(ada)).text).toContain('one owner at least');
    expect((await deal(ada, ada, ada_id, 'role', { role: 'member' })).status).toBe(403);
    await deal(ada, ada, kate.person_id, 'role', { role: 'owner' });
    const both = await Promise.all([leave(ada), leave(kate)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 403]);
    expect(await rolesOf(ada)).toHaveLength(1);
  });

  test('a workspace is handed over at once; both are told, and who owned it is an admin', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    expect((await deal(ada, ada, kate.person_id, 'transfer', {})).status).toBe(422);
    expect((await deal(ada, ada, kate.person_id, 'transfer', { transfer: 'yes' })).status).toBe(
      303,
    );
    expect(await rolesOf(ada)).toEqual(['Ada admin', 'Kate owner']);
    expect(await mailsTo(ada, 'workspace.transferred')).toEqual(['Kate owns Ada now']);
    expect(await mailsTo(kate, 'workspace.transferred')).toEqual(['You own Ada now']);
    expect((await deal(ada, ada, ada.workspace_id, 'transfer', { transfer: 'yes' })).status).toBe(
      404,
    );
  });

  test('attack 11: who is removed sees nothing from the next request on, and is named still', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    const use = await kate.browser.get(`${kate.path}/use`).expect(200);
    const run = { operation: 'message.send', quantity: '2' };
    const nonce = hiddenField(use.text, 'nonce');
    await kate.browser
      .post(`${kate.path}/use`)
      .type('form')
      .send({ ...run, nonce })
      .expect(303);
    expect((await deal(ada, ada, kate.person_id, 'remove', { remove: 'yes' })).status).toBe(303);
    for (const path of ['', '/history', '/use', '/team', '/live']) {
      await kate.browser.get(`${kate.path}${path}`).expect(404);
    }
    const again = { ...run, nonce: crypto.randomUUID() };
    await kate.browser.post(`${kate.path}/use`).type('form').send(again).expect(404);
    expect(await mailsTo(kate, 'member.removed')).toEqual(['You are no longer a member of Ada']);
    expect((await ada.browser.get(`/w/${ada.slug}/history`)).text).toContain('Kate');
    expect((await ada.browser.get(`/w/${ada.slug}/history/2`)).text).toContain('Kate');
    expect((await ada.browser.get(`/w/${ada.slug}/activity`)).text).toContain(
      'took Kate out of the workspace',
    );
    expect((await kate.browser.get('/')).headers['location']).toBe(`/w/${kate.slug}`);
  });

  test('keys that a removed member made stay the workspace’s, unless they are revoked with them', async () => {
    const ada = await program.signUp('Ada');
    const [kate, grace] = [
      await joined(program, ada, { role: 'admin', name: 'Kate' }),
      await joined(program, ada, { role: 'admin', name: 'Grace' }),
    ];
    const keyBy = ({ browser }: Joined) => makeKey({ browser, slug: ada.slug });
    const [kept, revoked] = [await keyBy(kate), await keyBy(grace)];
    const page = await ada.browser.get(`/w/${ada.slug}/team/members/${grace.person_id}`);
    expect(page.text).toContain(revoked.slice(0, 23));
    await deal(ada, ada, kate.person_id, 'remove', { remove: 'yes' });
    await deal(ada, ada, grace.person_id, 'remove', { remove: 'yes', keys: 'revoke' });
    const debit = { operation: 'message.send', quantity: '1' };
    await send(program, kept, '/debits', debit).expect(201);
    expect(bodyOf(await send(program, revoked, '/debits', debit).expect(401))).toBeDefined();
    const keys = await ada.browser.get(`/w/${ada.slug}/keys`);
    expect(keys.text).toContain(kept.slice(0, 23));
  });

  test('who left the last workspace is asked to make another one', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    await deal(ada, ada, kate.person_id, 'role', { role: 'owner' });
    const form = { confirmed: 'yes' };
    await ada.browser.post(`/w/${ada.slug}/team/leave`).type('form').send(form).expect(303);
    expect((await ada.browser.get('/')).headers['location']).toBe('/workspaces/new');
    expect((await ada.browser.get('/workspaces').expect(200)).text).toContain('in no workspace');
  });
});

describe('buying and the role of a member', () => {
  test('members see what is on sale and who buys; an order of theirs is refused', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    const page = await kate.browser.get(`${kate.path}/buy`).expect(200);
    expect(page.text).toContain('Owners and admins buy here.');
    const order = { package: 'starter', currency: 'USD', do: 'pay', nonce: crypto.randomUUID() };
    for (const path of ['buy', 'transfers']) {
      const answer = await kate.browser.post(`${kate.path}/${path}`).type('form').send(order);
      expect(answer.status).toBe(403);
    }
    const payments = await program.database.query('select from payments where workspace_id = $1', [
      ada.workspace_id,
    ]);
    expect(payments).toEqual([]);
  });
});

describe('L6: plan limits on members', () => {
  async function onPlan({ workspace_id }: Customer, members_max: number): Promise<void> {
    const code = `limited-${members_max}-${workspace_id}`;
    const { app, staff } = program.database.connections;
    const price = { period: 'month', currency: 'USD', price_minor: 0n } as const;
    await app.transaction().execute((trx) =>
      addPlan(trx, {
        ...{ code, name: 'Starter', credits_micro: 1n, rollover_cap_micro: null, trial_days: 0 },
        ...{ limits: { members_max }, position: 9, prices: [price], made_by: 'a test' },
      }),
    );
    const plan = (await plansOnSale(staff, 'USD')).find((one) => one.code === code);
    await program.database.query(
      `insert into subscriptions (id, workspace_id, plan_id, plan_price_id, status, livemode,
         current_period_starts_at, current_period_ends_at)
       values (gen_random_uuid(), $1, $2, $3, 'active', false, now(), now() + interval '1 month')`,
      [workspace_id, plan?.plan_id, plan?.id],
    );
  }

  test('a plan for one member refuses an invitation, and says what it has room for', async () => {
    const ada = await program.signUp('Ada');
    await onPlan(ada, 1);
    const page = await ada.browser.get(`/w/${ada.slug}/team`);
    expect(page.text).toContain('has room for 1 member');
    const fields = { email: 'x@example.com', role: 'member', nonce: crypto.randomUUID() };
    const path = `/w/${ada.slug}/team/invitations`;
    const refused = await ada.browser.post(path).type('form').send(fields).expect(422);
    expect(refused.text).toContain('The plan Starter has room for one member: 1 here.');
  });

  test('attack 28: the last place is taken once by those who accept at once', async () => {
    const ada = await program.signUp('Ada');
    const people = await Promise.all([1, 2, 3, 4].map((n) => program.signUp(`Person ${n}`)));
    const links: string[] = [];
    for (const { email } of people) links.push(await invited(ada, email, 'member'));
    await onPlan(ada, 3);
    const answers = await Promise.all(people.map(({ browser }, n) => browser.post(links[n] ?? '')));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 303, 403, 403]);
    const refused = answers.find(({ status }) => status === 403);
    expect(refused?.text).toContain('The plan Starter has room for 3 members: 3 here.');
    expect(await rolesOf(ada)).toHaveLength(3);
  });

  test('who is invited takes a place, until the invitation is revoked', async () => {
    const ada = await program.signUp('Ada');
    await onPlan(ada, 2);
    await invited(ada, 'first@example.com', 'member');
    const refused = await askToInvite(ada, 'second@example.com', 'member');
    expect(refused.text).toContain('has room for 2 members: 1 here, 1 invited');
    const team = await ada.browser.get(`/w/${ada.slug}/team`);
    const revoke = /\/w\/[^"]+\/revoke/.exec(team.text)?.[0] ?? '';
    await ada.browser.post(revoke).expect(303);
    expect((await askToInvite(ada, 'second@example.com', 'member')).status).toBe(201);
  });
});
