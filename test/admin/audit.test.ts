import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser, staffMember } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

/** Some events of one subject, as many as are wanted. */
async function happened(count: number, action: string, reason = 'a test'): Promise<string> {
  const subject = randomUUID();
  for (let made = 0; made < count; made++) {
    await program.database.query(
      `insert into audit_events (id, actor_kind, action, subject_kind, subject_id, before, after, reason, ip)
       values ($1, 'system', $2, 'thing', $3, '{"level": 1}', '{"level": 2}', $4, '203.0.113.7')`,
      [newId(), action, subject, reason],
    );
  }
  return subject;
}

test('the audit is found by who, what, about what, where and when, and says before and after', async () => {
  const admin = await staffMember(program, 'admin');
  const ada = await program.signUp();
  await admin.browser
    .post('/admin/staff/role')
    .type('form')
    .send({ email: ada.email, role: 'support', reason: 'She joined us' })
    .expect(303);
  const subject = await happened(1, 'thing.done');
  const found = async (query: Record<string, string>) => {
    const page = await admin.browser.get('/admin/audit').query(query);
    return page.text;
  };
  const [role, thing] = ['person.staff_role_given</code>', 'thing.done</code>'];
  const byAdmin = await found({ actor: admin.email });
  expect([byAdmin.includes(role), byAdmin.includes(thing)]).toEqual([true, false]);
  for (const words of ['She joined us', 'nothing → support', '127.0.0.1']) {
    expect(byAdmin).toContain(words);
  }
  const bySystem = await found({ actor: 'system', about: `thing ${subject}` });
  expect([bySystem.includes(role), bySystem.includes('1 → 2')]).toEqual([false, true]);
  expect(await found({ action: 'thing.done' })).toContain(subject);
  expect(await found({ workspace: ada.slug })).toContain('workspace.created</code>');
  expect(await found({ workspace: ada.slug })).not.toContain(role);
  const day = new Date().toISOString().slice(0, 10);
  expect(await found({ about: subject, from: day, to: day })).toContain(thing);
  expect(await found({ about: subject, from: '2199-12-31' })).toContain('No change fits');
  expect(await found({ about: subject, to: '2020-01-01' })).toContain('No change fits');
  const wrong = await found({ actor: 'nobody@example.com', workspace: 'none', from: 'x' });
  expect(wrong).toContain('Three fields need a change');
});

test('the audit goes page by page in both directions', async () => {
  const browser = await staffBrowser(program, 'support');
  const subject = await happened(101, 'thing.counted');
  const sizeOf = (text: string) => text.split('thing.counted</code>').length - 1;
  const linkIn = (text: string, rel: string) =>
    new RegExp(`href="([^"]+)" rel="${rel}"`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const first = await browser.get(`/admin/audit?about=${subject}`);
  const second = await browser.get(linkIn(first.text, 'next'));
  const third = await browser.get(linkIn(second.text, 'next'));
  expect([first, second, third].map(({ text }) => sizeOf(text))).toEqual([50, 50, 1]);
  expect(third.text).toContain('The first is shown');
  const back = await browser.get(linkIn(third.text, 'prev'));
  expect(linkIn(back.text, 'next')).toBe(linkIn(second.text, 'next'));
  expect(linkIn(first.text, 'prev')).toBe('');
});

test('attack 19: the audit is exported without formulas, and that it was is recorded; reading is not', async () => {
  const finance = await staffMember(program, 'finance');
  const subject = await happened(1, 'thing.exported', '=HYPERLINK("https://evil.example")');
  await finance.browser.get(`/admin/audit?about=${subject}`).expect(200);
  const file = await finance.browser.get(`/admin/audit.csv?about=${subject}`).expect(200);
  expect(file.headers['content-type']).toContain('text/csv');
  expect(file.text).toContain(`"'=HYPERLINK`);
  expect(file.text.trim().split('\r\n')).toHaveLength(2);
  const own = await program.database.query<{ action: string; after: { about?: string } }>(
    `select action, after from audit_events where actor_id = $1 and action like 'audit%'`,
    [finance.id],
  );
  expect(own).toMatchObject([{ action: 'audit.exported', after: { about: subject } }]);
  const support = await staffBrowser(program, 'support');
  await support.get('/admin/audit.csv').expect(403);
});
