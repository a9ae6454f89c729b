import { expect } from 'vitest';
import type { StaffRole } from '../../src/core/staff-functions.ts';
import { press, pressIn } from './forms.ts';
import type { Browser, Customer, TestProgram } from './program.ts';

/** Somebody of the staff, who has a workspace as everybody has. */
export async function staffMember(
  program: TestProgram,
  role: StaffRole,
): Promise<Customer & { id: string }> {
  const member = await program.signUp('Grace Hopper');
  const [row] = await program.database.query<{ id: string }>(
    'update people set staff_role = $1 where email = $2 returning id',
    [role, member.email],
  );
  if (row === undefined) throw new Error(`nobody has the address ${member.email}`);
  return { ...member, ...row };
}

/** The browser of somebody of the staff. */
export async function staffBrowser(program: TestProgram, role: StaffRole): Promise<Browser> {
  return (await staffMember(program, role)).browser;
}

/** Where a customer's page of the admin area is. */
export const pageOf = ({ workspace_id }: Customer) => `/admin/customers/${workspace_id}`;

type Filled = Record<string, string>;

/** The page that says what an action would change. */
export async function lookAt(staff: Browser, path: string, filled: Filled): Promise<string> {
  const answer = await press(staff, path, 'Go on', { reason: 'Ticket 5120', ...filled });
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
}

/** Fills in an action, looks at before and after, and confirms it. */
export async function actOn(staff: Browser, path: string, button: RegExp, filled: Filled = {}) {
  const html = await lookAt(staff, path, filled);
  const done = await pressIn(staff, { path, html }, button);
  expect(done.status, done.text).toBe(303);
  return String(done.headers['location']);
}
