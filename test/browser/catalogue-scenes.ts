import type { StaffRole } from '../../src/core/staff-functions.ts';
import { type Visit, signIn } from '../support/browser.ts';
import { press } from '../support/forms.ts';
import type { TestProgram } from '../support/program.ts';
import { staffBrowser, staffMember } from '../support/staff.ts';
import { type Scene, send, withDemo } from './arrivals.ts';

const HOME = '/admin/catalogue';

/** Somebody of the staff with a role, at a page of the catalogue. */
async function at(visit: Visit, program: TestProgram, path: string, role: StaffRole = 'admin') {
  await signIn(visit, program, await staffMember(program, role));
  await visit.page.goto(HOME + path);
}

/** Presses a button of a page of the catalogue, as somebody else of the staff did before. */
async function pressed(
  program: TestProgram,
  path: string,
  button: string,
  fields: Record<string, string>,
) {
  const answer = await press(await staffBrowser(program, 'admin'), HOME + path, button, fields);
  if (answer.status !== 303) throw new Error(answer.text);
}

/** What the staff change of what is sold, given and told; nothing of it is for others to see. */
export const catalogueScenes: Scene[] = [
  {
    name: 'catalogue packages',
    says: 'Packages',
    open: (visit, program) => at(visit, program, '/packages'),
  },
  {
    name: 'catalogue package new, with faults',
    says: 'New package',
    open: async (visit, program) => {
      await at(visit, program, '/packages/new');
      await visit.page.locator('#f-credits').fill('forty');
      const fields = { Code: 'Beginner', 'Currency, row 1': 'QQQ' };
      await send(visit, fields, 'Add the package');
      await visit.page.getByText('Nothing was changed.').waitFor();
    },
  },
  {
    name: 'catalogue plan seen only',
    says: 'Team',
    open: (visit, program) => at(visit, program, '/plans/team', 'finance'),
  },
  {
    name: 'catalogue plan with a change to come',
    says: 'Scale',
    open: async (visit, program) => {
      await pressed(program, '/plans/scale', 'Save the change', {
        ...{ credits: '2100', rollover_cap: '1000', month_2: '99', from: '2100-01-01T09:00' },
        reason: 'More for the same, from the next century on',
      });
      await at(visit, program, '/plans/scale');
      await visit.page.getByRole('button', { name: 'Withdraw this change' }).waitFor();
    },
  },
  {
    name: 'catalogue benchmarks, none yet',
    says: 'Benchmarks',
    closed: true,
    open: (visit, program) => at(visit, program, '/benchmarks'),
  },
  {
    name: 'catalogue own amount',
    says: 'USD',
    open: (visit, program) => at(visit, program, '/own-amounts/USD'),
  },
  {
    name: 'catalogue referrals',
    says: 'Referrals',
    open: (visit, program) => at(visit, program, '/referrals/terms'),
  },
  {
    name: 'catalogue operation retired',
    says: 'Fax',
    open: async (visit, program) => {
      const fax = { code: 'fax.send', name: 'Fax', unit: 'page', position: '99' };
      const path = '/operations/fax.send';
      await pressed(program, '/operations/new', 'Add the operation', { ...fax, reason: 'Asked' });
      await pressed(program, path, 'Save the change', { active: '', reason: 'Nobody has one' });
      await at(visit, program, path);
    },
  },
  {
    name: 'catalogue price tried',
    says: 'Price of',
    open: async (visit, program) => {
      await withDemo(program);
      await at(visit, program, '/operations/voice.call/price');
      const fields = { 'Price, line 2': '0.75', 'On usage of the last': '30' };
      await send(visit, fields, 'Try it');
      await visit.page.getByText('The last 30 days by this price').waitFor();
    },
  },
  {
    name: 'catalogue first steps',
    says: 'First steps',
    open: (visit, program) => at(visit, program, '/steps'),
  },
  {
    name: 'catalogue welcome credits',
    says: 'Welcome credits',
    open: (visit, program) => at(visit, program, '/welcome-terms/welcome'),
  },
  {
    name: 'catalogue alert defaults',
    says: 'Alert defaults',
    open: (visit, program) => at(visit, program, '/alert-defaults/default'),
  },
];
