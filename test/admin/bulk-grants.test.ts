import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantFiles } from '../../src/billing/bulk-grant-jobs.ts';
import type { StaffRole } from '../../src/core/staff-functions.ts';
import { press } from '../support/forms.ts';
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
