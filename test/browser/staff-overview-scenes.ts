import { keepBooks } from '../../src/ledger/bookkeeping.ts';
import { type Visit, signIn } from '../support/browser.ts';
import { tamperWith } from '../support/database.ts';
import type { TestProgram } from '../support/program.ts';
import { type Scene, withDemo } from './arrivals.ts';

/** Somebody of the staff, where a customer has a history of nine weeks. */
async function asStaffOfDemo(visit: Visit, program: TestProgram, path: string): Promise<void> {
  await withDemo(program);
  await keepBooks(program.database.connections.ledgerJobs, 'UTC');
  const staff = await program.signUp('Grace Hopper');
  await program.database.query(`update people set staff_role = 'admin' where email = $1`, [
    staff.email,
  ]);
  await signIn(visit, program, staff);
  await visit.page.goto(path);
}

/** What the staff see of the business. */
export const staffOverviewScenes: Scene[] = [
  {
    name: 'admin overview',
    says: 'Overview',
    open: (visit, program) => asStaffOfDemo(visit, program, '/admin/overview?range=90'),
  },
  {
    name: 'admin overview refused',
    says: 'Overview',
    open: (visit, program) =>
      asStaffOfDemo(visit, program, '/admin/overview?from=2026-11-20&to=2026-11-01'),
  },
  {
    name: 'admin drift',
    says: 'Drift of ',
    open: async (visit, program) => {
      const customer = await program.signUp('Ada Byron');
      const tamper = (by: string) =>
        tamperWith(
          program.database,
          `update wallets set available = available ${by} where id = '${customer.wallet_id}'`,
        );
      await tamper('+ 1');
      await asStaffOfDemo(visit, program, `/admin/drifts/${customer.wallet_id}`);
      await tamper('- 1');
    },
  },
];
