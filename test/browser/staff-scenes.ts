import { randomUUID } from 'node:crypto';
import { type Visit, signIn } from '../support/browser.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { askAsStaff } from '../../src/billing/staff-requests.ts';
import type { TestProgram } from '../support/program.ts';
import { staffMember } from '../support/staff.ts';
import type { Scene } from './arrivals.ts';

/** A super admin, for whom a request of support waits. */
async function asChief(visit: Visit, program: TestProgram, path: string): Promise<void> {
  const chief = await staffMember(program, 'super_admin');
  const { id: staff_id } = await staffMember(program, 'support');
  const { workspace_id, wallet_id } = await program.signUp('Katherine Johnson');
  const about = { workspace_id, wallet_id, amount_micro: 250_000_000n, expires_at: null };
  await inWorkspace(program.database.connections.app, workspace_id, (trx) =>
    askAsStaff(trx, {
      wish: { kind: 'grant', ...about },
      ...{ reason: 'Ticket 5120: the export ran twice', nonce: randomUUID() },
      ...{ staff_id, origin: { ip: '203.0.113.7' } },
    }),
  );
  await signIn(visit, program, chief);
  await visit.page.goto(path);
}

/** Who the staff are, what they approve, and what was changed. */
export const staffScenes: Scene[] = [
  {
    name: 'staff approvals',
    says: 'Approvals',
    open: (visit, program) => asChief(visit, program, '/admin/approvals'),
  },
  {
    name: 'staff approval refused without a reason',
    says: 'Grant 250 credits',
    open: async (visit, program) => {
      await asChief(visit, program, '/admin/approvals');
      await visit.page.getByRole('link', { name: 'Grant 250 credits' }).first().click();
      await visit.page.getByRole('button', { name: 'Refuse' }).click();
      await visit.page.getByRole('link', { name: 'Why not' }).waitFor();
    },
  },
  {
    name: 'staff members',
    says: 'Staff',
    open: (visit, program) => asChief(visit, program, '/admin/staff'),
  },
  {
    name: 'staff role',
    says: 'Give or take a role',
    open: (visit, program) => asChief(visit, program, '/admin/staff/role?email=ada@example.com'),
  },
  {
    name: 'staff limits',
    says: 'What the staff do alone',
    open: (visit, program) => asChief(visit, program, '/admin/staff/limits'),
  },
  {
    name: 'staff audit',
    says: 'Audit',
    open: async (visit, program) => {
      await asChief(visit, program, '/admin/audit');
      await visit.page.locator('.audit summary').first().click();
    },
  },
  {
    name: 'staff blocked domains',
    says: 'Blocked domains',
    open: async (visit, program) => {
      await asChief(visit, program, '/admin/blocked-domains');
      await visit.page.getByLabel('Domain', { exact: true }).fill('farm.example');
      await visit.page.getByLabel('Reason').fill('Hundreds of accounts');
      await visit.page.getByRole('button', { name: 'Block it' }).click();
      await visit.page.getByText('Hundreds of accounts').waitFor();
    },
  },
];
