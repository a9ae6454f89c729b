import type { StaffRole } from '../core/staff-functions.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { normalizeEmail } from './fields.ts';

export interface GiveStaffRoleOptions {
  who: { email: string } | { person_id: string };
  role: StaffRole;
  actor: Actor;
  reason?: string;
  origin?: Origin;
}

/**
 * Gives a person a role among the staff, in place of the one that they had.
 * @returns the person's id. Throws 404 `not_found`.
 */
export async function giveStaffRole(trx: Trx, options: GiveStaffRoleOptions): Promise<string> {
  const { who, role } = options;
  const query = trx.selectFrom('people').select(['id', 'staff_role']).forNoKeyUpdate();
  const person = await (
    'email' in who
      ? query.where('email_normalized', '=', normalizeEmail(who.email))
      : query.where('id', '=', who.person_id)
  ).executeTakeFirst();
  if (person === undefined) throw notFound('person');
  await trx
    .updateTable('people')
    .set({ staff_role: role, updated_at: new Date() })
    .where('id', '=', person.id)
    .execute();
  await audit(trx, {
    actor: options.actor,
    action: 'person.staff_role_given',
    subject: { kind: 'person', id: person.id },
    before: { staff_role: person.staff_role },
    after: { staff_role: role },
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.origin === undefined ? {} : { origin: options.origin }),
  });
  return person.id;
}

/**
 * Makes somebody super admin whose address is one of ADMIN_EMAILS and was verified, and who has no
 * role yet.
 */
export async function giveListedRole(
  trx: Trx,
  person: { id: string; email_normalized: string; staff_role: string | null },
  adminEmails: readonly string[],
  origin: Origin,
): Promise<void> {
  const listed = adminEmails.some((email) => normalizeEmail(email) === person.email_normalized);
  if (!listed || person.staff_role !== null) return;
  await giveStaffRole(trx, {
    who: { person_id: person.id },
    role: 'super_admin',
    actor: { kind: 'system' },
    reason: 'The address is one of ADMIN_EMAILS.',
    origin,
  });
}
