import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { askToInvite, invited, joined, linkIn, personIdOf } from '../support/teams.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const { stringify } = JSON;

async function membersOf({ workspace_id }: Customer): Promise<string[]> {
  const rows = await program.database.query<{ member: string }>(
    `select p.email || ' ' || m.role as member from memberships m
     join people p on p.id = m.person_id where m.workspace_id = $1 order by m.created_at`,
    [workspace_id],
  );
  return rows.map(({ member }) => member);
}

describe('an invitation by mail', () => {
  test('goes to its address, and lets the account with that address in', async () => {
    const ada = await program.signUp();
    const grace = await program.signUp('Grace Hopper');
    const link = await invited(ada, grace.email.toUpperCase(), 'admin');
    const [mail] = await program.database.query<{ text: string; subject: string }>(
      "select text, subject from mails where kind = 'invitation.sent' and workspace_id = $1",
      [ada.workspace_id],
    );
    expect(mail?.subject).toBe('Ada Byron invites you to Ada Byron');
    expect(mail?.text).toContain(link);
    const page = await grace.browser.get(link).expect(200);
    expect(page.text).toContain('Join Ada Byron');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(await membersOf(ada)).toHaveLength(1);
    const answer = await grace.browser.post(link).expect(303);
    expect(answer.headers['location']).toBe(`/w/${ada.slug}`);
    expect(await membersOf(ada)).toEqual([`${ada.email} owner`, `${grace.email} admin`]);
    await grace.browser.get(`/w/${ada.slug}/team`).expect(200);
    expect((await grace.browser.get('/')).headers['location']).toBe(`/w/${ada.slug}`);
  });

  test('attack 24: its link is kept as a hash, and stands in no audit event', async () => {
    const ada = await program.signUp();
    const token = (await invited(ada, 'grace@example.com', 'member')).split('/')[2] ?? '';
    for (const table of ['invitations', 'audit_events', 'sessions']) {
      const rows = await program.database.query(`select t::text as row from ${table} t`);
      expect(stringify(rows)).not.toContain(token);
    }
    expect((await ada.browser.get(`/w/${ada.slug}/team`)).text).not.toContain(token);
  });

  test('brings somebody new back to it after the sign-up', async () => {
    const ada = await program.signUp();
    const link = await invited(ada, 'new.person@example.com', 'member');
    const browser = program.browser();
    const page = await browser.get(link).expect(200);
    const next = /\/sign-up\?next=([^"]+)/.exec(page.text)?.[1] ?? '';
    const form = await browser.get(`/sign-up?next=${next}`);
    expect(form.text).toContain(`name="next" value="${link}"`);
    const password = 'a long enough password';
    const fields = { name: 'New Person', email: 'new.person@example.com', password, next: link };
    const answer = await browser.post('/sign-up').type('form').send(fields);
    expect(answer.headers['location']).toBe(link);
    expect((await browser.post(link)).headers['location']).toBe(`/w/${ada.slug}`);
  });

  test('says to whoever has another address which one it is for, and lets nobody in', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const link = await invited(ada, 'grace@example.com', 'member');
    for (const answer of [await eve.browser.get(link), await eve.browser.post(link)]) {
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(`You are signed in as ${eve.email}`);
      expect(answer.text).toContain('sent to grace@example.com');
    }
    const out = await eve.browser.post('/sign-out').type('form').send({ next: link });
    expect(out.headers['location']).toBe(link);
    expect((await program.browser().post(link)).headers['location']).toBe('/sign-in');
    expect(await membersOf(ada)).toHaveLength(1);
  });

  test('two who accept at once, and ten times: one member, one event', async () => {
    const ada = await program.signUp();
    const grace = await program.signUp('Grace');
    const link = await invited(ada, grace.email, 'member');
    const answers = await Promise.all(Array.from({ length: 10 }, () => grace.browser.post(link)));
    expect(new Set(answers.map(({ headers }) => String(headers['location'])))).toEqual(
      new Set([`/w/${ada.slug}`]),
    );
    const events = await program.database.query(
      "select from audit_events where action = 'invitation.accepted' and workspace_id = $1",
      [ada.workspace_id],
    );
    expect(events).toHaveLength(1);
  });

  test('lets in once: not after the member was removed', async () => {
    const ada = await program.signUp();
    const grace = await program.signUp('Grace');
    const link = await invited(ada, grace.email, 'member');
    await grace.browser.post(link).expect(303);
    const id = await personIdOf(program, grace);
    const remove = `/w/${ada.slug}/team/members/${id}/remove`;
    await ada.browser.post(remove).type('form').send({ remove: 'yes' }).expect(303);
    const answer = await grace.browser.post(link).expect(410);
    expect(answer.text).toContain('lets in once');
    expect(await membersOf(ada)).toHaveLength(1);
  });

  test('lets nobody in when it has expired, was revoked, or was sent again with another link', async () => {
    const ada = await program.signUp();
    const grace = await program.signUp('Grace');
    const first = await invited(ada, grace.email, 'member');
    await program.database.query(
      "update invitations set expires_at = now() - interval '1 second' where email = $1",
      [grace.email],
    );
    expect((await grace.browser.post(first).expect(410)).text).toContain('It was good until');
    const [row] = await program.database.query<{ id: string }>(
      'select id from invitations where email = $1',
      [grace.email],
    );
    const path = `/w/${ada.slug}/team/invitations/${row?.id ?? ''}`;
    const again = await ada.browser.post(`${path}/resend`).expect(200);
    const second = linkIn(again.text);
    expect(second).not.toBe(first);
    await grace.browser.get(first).expect(404);
    await grace.browser.get(second).expect(200);
    await ada.browser.post(`${path}/revoke`).expect(303);
    expect((await grace.browser.post(second).expect(410)).text).toContain('revoked');
    await ada.browser.post(`${path}/revoke`).expect(404);
    await ada.browser.post(`${path}/resend`).expect(404);
    expect(await membersOf(ada)).toHaveLength(1);
  });

  test('is void when who sent it has left or may not invite any more, until it is sent again', async () => {
    const ada = await program.signUp();
    const admin = await joined(program, ada, { role: 'admin' });
    const grace = await program.signUp('Grace');
    const link = await invited({ browser: admin.browser, slug: ada.slug }, grace.email, 'member');
    const role = `/w/${ada.slug}/team/members/${admin.person_id}/role`;
    await ada.browser.post(role).type('form').send({ role: 'member' }).expect(303);
    expect((await grace.browser.post(link).expect(410)).text).toContain('does not invite');
    const team = await ada.browser.get(`/w/${ada.slug}/team`);
    const resend = /\/w\/[^"]+\/resend/.exec(team.text)?.[0] ?? '';
    const again = linkIn((await ada.browser.post(resend).expect(200)).text);
    await grace.browser.post(again).expect(303);
    expect(await membersOf(ada)).toContain(`${grace.email} member`);
  });

  test('is refused for who is a member, for who is invited, and for what is no role to give', async () => {
    const ada = await program.signUp();
    const grace = await joined(program, ada);
    const asked = (email: string, role: string) => askToInvite(ada, email, role);
    expect((await asked(grace.email, 'member')).text).toContain('is a member already');
    await invited(ada, 'x@example.com', 'member');
    expect((await asked('X@example.com', 'admin')).text).toContain('is invited already');
    for (const role of ['owner', '', 'root']) {
      expect((await asked('y@example.com', role)).status).toBe(422);
    }
    for (const email of [
      '',
      'nobody',
      'a@b.example, c@d.example',
      'a@b.example\r\nBcc: c@d.example',
    ]) {
      expect((await asked(email, 'member')).status).toBe(422);
    }
    expect((await asked('z@example.com', 'member')).status).toBe(201);
  });

  test('a form that is sent twice invites once', async () => {
    const ada = await program.signUp();
    const nonce = crypto.randomUUID();
    const fields = { email: 'twice@example.com', role: 'member', nonce };
    const ask = () => ada.browser.post(`/w/${ada.slug}/team/invitations`).type('form').send(fields);
    const answers = await Promise.all([ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 303]);
    const mails = await program.database.query('select from mails where to_address = $1', [
      fields.email,
    ]);
    expect(mails).toHaveLength(1);
  });

  test('another workspace sees nothing of it and cannot touch it', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    await invited(ada, 'grace@example.com', 'member');
    const [row] = await program.database.query<{ id: string }>(
      'select id from invitations where workspace_id = $1',
      [ada.workspace_id],
    );
    for (const what of ['resend', 'revoke']) {
      const id = row?.id ?? '';
      await eve.browser.post(`/w/${eve.slug}/team/invitations/${id}/${what}`).expect(404);
      await eve.browser.post(`/w/${ada.slug}/team/invitations/${id}/${what}`).expect(404);
    }
    for (const token of ['x', 'a'.repeat(43), '..%2f', '%00']) {
      expect((await eve.browser.get(`/invitations/${token}`)).status).toBeGreaterThanOrEqual(400);
      expect((await eve.browser.get(`/invitations/${token}`)).status).toBeLessThan(500);
    }
  });

  test('a workspace sends so many a day and no more', async () => {
    const ada = await program.signUp();
    await program.database.query(
      `insert into rate_limits (key, points, expire) select 'invitations-workspace:' || $1, 50, $2
       on conflict do nothing`,
      [hashOf(ada.workspace_id), Date.now() + 3_600_000],
    );
    const refused = await askToInvite(ada, 'grace@example.com', 'member');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });
});

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
