import { grantFiles } from '../../src/billing/bulk-grant-jobs.ts';
import { type Visit, signIn } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { staffMember } from '../support/staff.ts';
import type { Scene } from './arrivals.ts';

/** An admin, where files of grants are read. */
async function atReading(visit: Visit, program: TestProgram): Promise<void> {
  await signIn(visit, program, await staffMember(program, 'admin'));
  await visit.page.goto('/admin/bulk-grants/new');
}

/** The same, where a file of three customers and as many more lines is shown. */
async function withFile(
  visit: Visit,
  program: TestProgram,
  lines: readonly string[] = [],
): Promise<void> {
  const names = ['Katherine Johnson', 'Dorothy Vaughan', 'Mary Jackson'];
  const customers = await Promise.all(names.map((name) => program.signUp(name)));
  const rows = customers.map(({ email }, index) => `${email},${250 + index},Thank you,2199-03-31`);
  await atReading(visit, program);
  await visit.page
    .getByLabel('Or its rows')
    .fill(['customer,credits,note,last_day', ...rows, ...lines].join('\n'));
  await visit.page.getByRole('button', { name: 'Read it' }).click();
  await visit.page.getByRole('heading', { name: 'Rows' }).waitFor();
}

async function confirm({ page }: Visit): Promise<void> {
  await page.getByLabel('Reason').fill('The winners of November');
  await page.getByRole('button', { name: /^Grant/ }).click();
  await page.getByRole('heading', { name: 'How far it is' }).waitFor();
}

/** Credits for many customers by a file. */
export const bulkGrantScenes: Scene[] = [
  {
    name: 'grants by file, none yet or some',
    says: 'Grants by file',
    open: async (visit, program) => {
      await withFile(visit, program);
      await visit.page.goto('/admin/bulk-grants');
    },
  },
  {
    name: 'grants by file, reading refused',
    says: 'Read a file',
    open: async (visit, program) => {
      await atReading(visit, program);
      await visit.page.getByLabel('Or its rows').fill('ada@example.com,5');
      await visit.page.getByRole('button', { name: 'Read it' }).click();
      await visit.page.locator('#refusal').waitFor();
    },
  },
  {
    name: 'grants by file with faults',
    says: 'Pasted',
    open: async (visit, program) => {
      await withFile(visit, program, ['nobody@example.com,5,,', 'user-42,-5,,', 'user-43,a lot,,']);
      await visit.page.getByRole('button', { name: /^Grant/ }).click();
      await visit.page.locator('#refusal').waitFor();
    },
  },
  {
    name: 'grants by file on the way',
    says: 'Pasted',
    open: async (visit, program) => {
      await withFile(visit, program);
      await confirm(visit);
    },
  },
  {
    name: 'grants by file done',
    says: 'Pasted',
    open: async (visit, program) => {
      await withFile(visit, program);
      await confirm(visit);
      await grantFiles(program.database.connections);
      await visit.page.getByText('All rows are done.').waitFor();
    },
  },
];
