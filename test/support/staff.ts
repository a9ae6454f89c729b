import type { StaffRole } from '../../src/core/staff-functions.ts';
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
