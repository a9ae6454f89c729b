import type { StaffRole } from '../../src/core/staff-functions.ts';
import type { Browser, TestProgram } from './program.ts';

/** The browser of somebody of the staff. */
export async function staffBrowser(program: TestProgram, role: StaffRole): Promise<Browser> {
  const { browser, email } = await program.signUp('Grace Hopper');
  await program.database.query('update people set staff_role = $1 where email = $2', [role, email]);
  return browser;
}
