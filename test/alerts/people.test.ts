import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnsubscribeLinks } from '../../src/alerts/unsubscribe-links.ts';
import { sendDue } from '../../src/lib/mail-delivery.ts';
import { createLog } from '../../src/lib/log.ts';
import { startMailbox } from '../support/mailbox.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { aDebit } from '../support/wallet-states.ts';
import { alertMails, alertsOf, handOnNews } from './alerting.ts';

let program: TestProgram;
let links: UnsubscribeLinks;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  links = new UnsubscribeLinks(program.sessionSecrets);
});
afterAll(() => program.stop());

let keys = 0;
/** Spends of the 50 credits of the welcome. */
async function spend({ wallet_id }: Customer, units: bigint): Promise<void> {
  keys += 1;
  const key = { namespace: 'test', key: `people ${keys}` };
  await program.ledger.execute(aDebit(units, { wallet_id, key }));
  await handOnNews(program.database, links);
}

/** Makes somebody a member of another's workspace. */
async function join(member: Customer, { workspace_id }: Customer, role: string): Promise<void> {
  await program.database.query(
    `insert into memberships (workspace_id, person_id, role)
     select $1, id, $3 from people where email = $2`,
    [workspace_id, member.email, role],
  );
}

const mailsTo = async ({ email }: Customer) => alertMails(program.database, email);
const pageOf = ({ slug }: Customer, path = ''): string => `/w/${slug}/alerts${path}`;

function choose(customer: Customer, of: Customer, ticked: [string, string][]) {
  const body = new URLSearchParams(ticked).toString();
  return customer.browser.post(pageOf(of, '/preferences')).type('form').send(body).expect(303);
}

describe('R6: of an alert', () => {
  test('owners and admins get a mail, members who want one too, and whoever has left nothing', async () => {
    const [ada, admin, member, keen, left] = await Promise.all(
      ['Ada', 'Admin', 'Member', 'Keen', 'Left'].map((name) => program.signUp(name)),
    );
    if (!ada || !admin || !member || !keen || !left) throw new Error('somebody is missing');
    await join(admin, ada, 'admin');
    for (const one of [member, keen, left]) await join(one, ada, 'member');
    await choose(keen, ada, [['by_mail', 'balance_low']]);
    await program.database.query(
      `delete from memberships m using people p
       where p.id = m.person_id and p.email = $1 and m.workspace_id = $2`,
      [left.email, ada.workspace_id],
    );
    await spend(ada, 41n);
    const counts = await Promise.all([ada, admin, member, keen, left].map(mailsTo));
    expect(counts.map(({ length }) => length)).toEqual([1, 1, 0, 1, 0]);
    // In the page: all but who took the tick away, and who has left.
    expect((await member.browser.get(`/w/${ada.slug}`)).text).toContain('class="unread"');
    expect((await keen.browser.get(`/w/${ada.slug}`)).text).not.toContain('class="unread"');
    await left.browser.get(pageOf(ada)).expect(404);
  });

  test('the workspace of somebody else, an alert of another one and what is no id are a 404', async () => {
    const [ada, bob] = await Promise.all([program.signUp(), program.signUp('Bob')]);
    await spend(ada, 41n);
    const [alert] = await alertsOf(program.database, ada.workspace_id);
    await ada.browser.get(pageOf(ada, `/${alert?.id}`)).expect(200);
    for (const path of [
      pageOf(ada, `/${alert?.id}`),
      pageOf(bob, `/${alert?.id}`),
      pageOf(bob, '/one'),
    ]) {
      await bob.browser.get(path).expect(404);
    }
    await request(program.url).get(pageOf(ada)).expect(303);
  });

  test('what it takes to be told is set by owners and admins, and works at once', async () => {
    const [ada, member] = await Promise.all([program.signUp(), program.signUp('Mem')]);
    await join(member, ada, 'member');
    const set = (who: Customer, more: object) =>
      who.browser
        .post(pageOf(ada, '/settings'))
        .type('form')
        .send({ low_percent: '', critical_percent: '5', mark: '', run_out_days: '7', ...more });
    expect((await set(member, {})).status).toBe(403);
    const refused = await set(ada, { low_percent: 'many', mark: '-1' });
    expect([refused.status, refused.text]).toMatchObject([
      422,
      expect.stringContaining('Two fields need a change') as string,
    ]);
    expect(refused.text).not.toMatch(/name="expiry_days" value="\d+" checked/);
    await set(ada, {}).expect(303);
    await spend(ada, 20n);
    expect(await alertsOf(program.database, ada.workspace_id)).toEqual([]);
    await set(ada, { mark: '35', spikes: 'yes' }).expect(303);
    await handOnNews(program.database, links);
    expect(await alertsOf(program.database, ada.workspace_id)).toMatchObject([
      { subject: 'mark', facts: { available: '30', threshold: '35' } },
    ]);
    const page = await ada.browser.get(pageOf(ada, '/settings'));
    expect(page.text).toMatch(/name="mark"[^>]*value="35"/);
    expect((await member.browser.get(pageOf(ada, '/settings'))).text).toContain('Below 35 credits');
  });

  test('marking all as read takes the mark away for whoever does it, and for nobody else', async () => {
    const [ada, admin] = await Promise.all([program.signUp(), program.signUp('Admin')]);
    await join(admin, ada, 'admin');
    await spend(ada, 41n);
    await ada.browser.post(pageOf(ada, '/read')).expect(303);
    expect((await ada.browser.get(pageOf(ada))).text).not.toContain('class="unread"');
    expect((await admin.browser.get(pageOf(ada))).text).toContain('class="unread"');
  });
});

describe('mails about alerts', () => {
  test('go out as text and HTML, with the headers of one click, and are ended by it signed out', async () => {
    const ada = await program.signUp();
    await spend(ada, 41n);
    const mailbox = await startMailbox();
    await sendDue(program.database.connections.ledgerJobs, mailbox.server, createLog('silent'));
    const mail = mailbox.delivered.find(
      ({ to, headers }) => to.includes(ada.email) && headers['subject']?.includes('Credits'),
    );
    const others = mailbox.delivered.filter((one) => one !== mail && one.to.includes(ada.email));
    expect(others.map(({ headers }) => headers['list-unsubscribe'])).toEqual(
      others.map(() => undefined),
    );
    await mailbox.close();
    const { letterhead } = mailbox.server;
    expect(mail?.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    const [, url = ''] = /^<(.+)>$/.exec(mail?.headers['list-unsubscribe'] ?? '') ?? [];
    expect(url.startsWith(`${letterhead.baseUrl}/unsubscribe?from=`)).toBe(true);
    expect(mail?.body).toContain('text/html');
    expect(mail?.body).toContain('No more mails like this');
    const path = url.slice(letterhead.baseUrl.length);

    const anybody = request(program.url);
    // Looking changes nothing, as programs do that look for viruses.
    expect((await anybody.get(path).expect(200)).text).toContain('End these mails');
    await spend(ada, 7n);
    expect(await mailsTo(ada)).toHaveLength(2);
    await anybody.post(path).type('form').send({ 'List-Unsubscribe': 'One-Click' }).expect(200);
    await anybody.post(path).expect(200);
    await spend(ada, 2n);
    expect(await alertsOf(program.database, ada.workspace_id)).toHaveLength(3);
    expect(await mailsTo(ada)).toHaveLength(2);
    const settings = await ada.browser.get(pageOf(ada, '/settings'));
    expect(settings.text).toMatch(/name="by_mail" value="balance_low">/);
    expect(settings.text).toMatch(/name="by_mail" value="run_out" checked>/);
  });

  test('are ended by no link that we did not sign, for nobody else and no other kind', async () => {
    const [ada, bob] = await Promise.all([program.signUp(), program.signUp('Bob')]);
    await spend(ada, 41n);
    const [mail] = await mailsTo(ada);
    const path = mail?.unsubscribe_path ?? '';
    const anybody = request(program.url);
    for (const altered of [
      path.slice(0, -1),
      path.replace('balance_low', 'spike'),
      path.replace(ada.workspace_id, bob.workspace_id),
      '/unsubscribe',
    ]) {
      await anybody.post(altered).expect(404);
      await anybody.get(altered).expect(404);
    }
    const stored = await program.database.query(
      'select kind from alert_preferences where workspace_id = any($1)',
      [[ada.workspace_id, bob.workspace_id]],
    );
    expect(stored).toEqual([]);
  });
});
