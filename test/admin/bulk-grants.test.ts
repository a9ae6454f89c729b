import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantFiles } from '../../src/billing/bulk-grant-jobs.ts';
import type { StaffRole } from '../../src/core/staff-functions.ts';
import { press, pressIn } from '../support/forms.ts';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { staffMember } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const CREDIT = 1_000_000n;
const GRANT = /^(?:Grant|Ask for approval)/;

const staff = async (role: StaffRole = 'admin'): Promise<Browser> =>
  (await staffMember(program, role)).browser;

const runJob = (): Promise<void> => grantFiles(program.database.connections);

/** Sends a file, as the page does. */
const read = (browser: Browser, text: string | Buffer, name = 'grants.csv') =>
  browser.post('/admin/bulk-grants').field('rows', '').attach('file', Buffer.from(text), name);

/** Sends a file that can be read. @returns its page */
async function fileOf(browser: Browser, rows: readonly string[], head = 'customer,credits') {
  const answer = await read(browser, [head, ...rows].join('\n'));
  expect(answer.status, answer.text).toBe(303);
  return String(answer.headers['location']);
}

const confirm = (browser: Browser, page: string, filled: Record<string, string> = {}) =>
  press(browser, page, GRANT, { reason: 'Ticket 5120', ...filled });

const customers = (count: number): Promise<Customer[]> =>
  Promise.all(Array.from({ length: count }, () => program.signUp()));

/** The rows of a file as they are kept. */
const rowsOf = (page: string) =>
  program.database.query<{ number: number; state: string; fault: string | null }>(
    'select number, state, fault from bulk_grant_rows where bulk_grant_id = $1 order by number',
    [page.split('/').at(-1)],
  );

describe('a file of grants', () => {
  test('grants nothing before it is confirmed, and then each row once', async () => {
    const admin = await staff();
    const [ada, ben] = await customers(2);
    if (ada === undefined || ben === undefined) throw new Error('nobody signed up');
    const before = await ada.available();
    const page = await fileOf(
      admin,
      [`${ada.email},250.5,Thank you,2199-03-31`, `${ben.workspace_id},100,,`],
      'customer,credits,note,last_day',
    );
    await runJob();
    expect(await ada.available()).toBe(before);
    await confirm(admin, page).then((answer) => expect(answer.status, answer.text).toBe(303));
    await runJob();
    await runJob();
    expect(await ada.available()).toBe(before + 250_500_000n);
    expect(await ben.available()).toBe(before + 100n * CREDIT);
    expect(await rowsOf(page)).toEqual([
      { number: 2, state: 'granted', fault: null },
      { number: 3, state: 'granted', fault: null },
    ]);
    const { text } = await admin.get(page).expect(200);
    expect(text).toContain('All rows are done.');
  });
});

describe('before it is confirmed, a file', () => {
  test('shows each row with its balance before and after, or what is wrong with it', async () => {
    const admin = await staff();
    const [ada, ben] = await customers(2);
    await program.database.query('update people set deactivated_at = now() where email = $1', [
      ben?.email,
    ]);
    const rows = [`${ada?.email ?? ''},250`, `${ben?.email ?? ''},1`, 'user-42,1', 'user-43,-1'];
    const page = await fileOf(admin, rows);
    const { text } = await admin.get(page).expect(200);
    expect(text).toMatch(/Ada Byron.*?50\.00<\/td><td class="num">300\.00/s);
    const faults = await admin.get(`${page}?show=faults`).expect(200);
    expect(faults.text).not.toContain(ada?.email);
    for (const fault of ['is deactivated', 'No customer has', 'not above 0']) {
      expect(faults.text).toContain(fault);
    }
    const refused = await confirm(admin, page);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Rows with faults are left out only when you say so.');
    await runJob();
    expect((await rowsOf(page)).map(({ state }) => state)).toEqual([
      ...['waiting', 'refused', 'refused', 'refused'],
    ]);
    expect((await confirm(admin, page, { leave_out: 'yes' })).status).toBe(303);
    await runJob();
    expect(await ada?.available()).toBe(300n * CREDIT);
    const csv = await admin.get(`${page}/rows.csv`).expect(200);
    expect(csv.text).toMatch(/^3,\S+,1,not granted,This customer is deactivated\./m);
  });

  test('that an address which nobody verified is to get is told so', async () => {
    const admin = await staff();
    const ada = await program.signUp();
    await program.database.query('update people set email_verified_at = null where email = $1', [
      ada.email,
    ]);
    const page = await fileOf(admin, [`${ada.email},5`]);
    expect((await rowsOf(page))[0]?.fault).toContain('Nobody has verified this address.');
  });

  test('is refused as a whole with a sentence, and what was pasted stays', async () => {
    const admin = await staff();
    const pasted = await admin.post('/admin/bulk-grants').field('rows', 'ada,5').expect(422);
    expect(pasted.text).toContain('“ada” is none of');
    expect(pasted.text).toContain('>ada,5</textarea>');
    const none = await admin.post('/admin/bulk-grants').field('rows', ' ').expect(422);
    expect(none.text).toContain('Choose a file, or paste its rows.');
    const latin = await read(admin, Buffer.from('customer,credits\nJos\u00e9,5', 'latin1'));
    expect([latin.status, latin.text]).toEqual([422, expect.stringContaining('no text in UTF-8')]);
    const zeros = await read(admin, Buffer.from('customer,credits\nada\0,5'));
    expect([zeros.status, zeros.text]).toEqual([422, expect.stringContaining('This is no text.')]);
    const open = await read(admin, Buffer.from('customer,credits\n"ada,5'));
    expect([open.status, open.text]).toEqual([
      422,
      expect.stringContaining('A quote is never closed.'),
    ]);
    const large = await read(admin, Buffer.alloc(10 * 1024 * 1024, 'a'));
    expect([large.status, large.text]).toEqual([
      413,
      expect.stringContaining('The file is larger than 2 MB.'),
    ]);
    const long = await admin.post('/admin/bulk-grants').field('rows', 'a'.repeat(3_000_000));
    expect([long.status, long.text]).toEqual([413, expect.stringContaining('larger than 2 MB')]);
  });

  test('says when the same was given before, and is given again only when that is said', async () => {
    const admin = await staff();
    const ada = await program.signUp();
    const first = await fileOf(admin, [`${ada.email},5`]);
    expect((await confirm(admin, first)).status).toBe(303);
    const again = await fileOf(admin, [`"${ada.email}","5"`]);
    const page = await admin.get(again).expect(200);
    expect(page.text).toContain('The same file was given before.');
    const refused = await confirm(admin, again);
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('given again only when you say so'),
    ]);
    expect((await confirm(admin, again, { again: 'yes' })).status).toBe(303);
    await runJob();
    expect(await ada.available()).toBe(60n * CREDIT);
  });
});

describe('a confirmed file', () => {
  test('above what one may give alone waits for somebody else, and is not begun before', async () => {
    const [mara, noor] = [await staff(), await staff()];
    const three = await customers(3);
    const page = await fileOf(
      mara,
      three.map(({ email }) => `${email},4000`),
    );
    expect((await mara.get(page)).text).toContain('somebody else has to approve it');
    expect((await confirm(mara, page)).status).toBe(303);
    await runJob();
    expect(await three[0]?.available()).toBe(50n * CREDIT);
    const href = /\/admin\/approvals\/[0-9a-f-]{36}/.exec((await noor.get(page)).text)?.[0] ?? '';
    expect((await mara.post(`${href}/approve`).type('form').send({})).status).toBe(422);
    expect((await noor.get(href)).text).toContain(`href="${page}"`);
    expect((await press(noor, href, /^Approve/)).status).toBe(303);
    await runJob();
    expect(await three[0]?.available()).toBe(4050n * CREDIT);
    expect((await noor.get(page)).text).toContain('All rows are done.');
  });

  test('by two presses at once, or by two of the staff, is carried out once', async () => {
    const [mara, noor] = [await staff(), await staff()];
    const ada = await program.signUp();
    const page = await fileOf(mara, [`${ada.email},5`]);
    const html = (await mara.get(page).expect(200)).text;
    const send = (browser: Browser) =>
      pressIn(browser, { path: page, html }, GRANT, { reason: 'Ticket 5120' });
    const answers = await Promise.all([send(mara), send(mara), send(noor)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    await Promise.all([runJob(), runJob()]);
    expect(await ada.available()).toBe(55n * CREDIT);
    const requests = await program.database.query(
      'select state from staff_requests where subject_id = $1',
      [page.split('/').at(-1)],
    );
    expect(requests).toEqual([{ state: 'done' }]);
  });

  test('stops and goes on, and says in the audit who did what', async () => {
    const admin = await staff();
    const ada = await program.signUp();
    const page = await fileOf(admin, [`${ada.email},5`]);
    await confirm(admin, page);
    expect((await press(admin, page, 'Stop')).status).toBe(303);
    await runJob();
    expect(await ada.available()).toBe(50n * CREDIT);
    expect((await press(admin, page, 'Resume')).status).toBe(303);
    await runJob();
    expect(await ada.available()).toBe(55n * CREDIT);
    const events = await program.database.query<{ action: string }>(
      'select action from audit_events where subject_id = $1 order by id',
      [page.split('/').at(-1)],
    );
    expect(events.map(({ action }) => action.replace('bulk_grant.', ''))).toEqual([
      ...['checked', 'started', 'stopped', 'resumed', 'done'],
    ]);
  });

  test('gives nothing to who was shut out, and no credits that are over, in the meantime', async () => {
    const admin = await staff();
    const [ada, ben] = await customers(2);
    const rows = [`${ada?.email ?? ''},5,`, `${ben?.email ?? ''},5,2199-01-01`];
    const page = await fileOf(admin, rows, 'customer,credits,last_day');
    await confirm(admin, page);
    await program.database.query('update people set deactivated_at = now() where email = $1', [
      ada?.email,
    ]);
    await program.database.query(
      `update bulk_grant_rows set expires_at = now() where bulk_grant_id = $1
      and expires_at is not null`,
      [page.split('/').at(-1)],
    );
    await runJob();
    expect((await rowsOf(page)).map(({ fault }) => fault)).toEqual([
      'This customer was deactivated before its turn came.',
      'Its last day was over before its turn came.',
    ]);
    expect(await ben?.available()).toBe(50n * CREDIT);
    expect((await admin.get(page)).text).toContain('All rows are done.');
  });
});

test('what a file says of a customer goes with the account', async () => {
  const admin = await staff();
  const ada = await program.signUp();
  const page = await fileOf(admin, [`${ada.email},5,"For ${ada.email}"`], 'customer,credits,note');
  const form = { email: ada.email, consent: 'yes', password: ada.password };
  const deleted = await ada.browser.post('/account/delete').type('form').send(form);
  expect(deleted.text).toContain('The account is deleted');
  expect((await admin.get(page)).text).not.toContain(ada.email);
});
