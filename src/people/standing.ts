import { type StaffRole, mayDealWith } from '../core/staff-functions.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { mailPasswordLink } from './password-reset.ts';
import { endSessionsOf, normalizeEmail, staffRole } from './people.ts';
import { keepASuperAdmin } from './staff.ts';

/** What somebody of the staff does to a person, and why. */
export interface StandingDeed {
  person_id: string;
  by: { id: string; staff_role: StaffRole | null };
  reason: string;
  origin: Origin;
}

/** A person as staff deal with them. */
export interface Standing {
  id: string;
  name: string;
  email: string;
  email_verified_at: Date | null;
  deactivated_at: Date | null;
  deleted_at: Date | null;
  staff_role: StaffRole | null;
}

const COLUMNS = ['id', 'name', 'email', 'email_verified_at', 'deactivated_at'] as const;

/** A member of a workspace. The transaction sees that workspace. @throws AppError 404 */
export async function findStanding(
  db: Db,
  workspaceId: string,
  personId: string,
): Promise<Standing> {
  const row = await db
    .selectFrom('people as p')
    .innerJoin('memberships as m', 'm.person_id', 'p.id')
    .select(COLUMNS.map((column) => `p.${column}` as const))
    .select(['p.deleted_at', 'p.staff_role'])
    .where('m.workspace_id', '=', workspaceId)
    .where('p.id', '=', personId)
    .executeTakeFirst();
  if (row === undefined) throw notFound('person');
  return { ...row, staff_role: staffRole.nullable().parse(row.staff_role) };
}

/**
 * Shuts a person out: they can neither sign in nor spend, in every process at once. What else they
 * handed out, such as API keys, whoever calls this takes away in the same transaction.
 */
export async function deactivatePerson(trx: Trx, deed: StandingDeed): Promise<void> {
  await keepASuperAdmin(trx, deed.person_id);
  const { deactivated_at } = await lockPerson(trx, deed);
  if (deactivated_at !== null) return;
  await trx
    .updateTable('people')
    .set({ deactivated_at: new Date(), updated_at: new Date() })
    .where('id', '=', deed.person_id)
    .execute();
  await endSessionsOf(trx, deed.person_id);
  await note(trx, deed, 'person.deactivated', { active: true }, { active: false });
}

/** Lets a person in again. Sessions and keys that ended stay ended. */
export async function reactivatePerson(trx: Trx, deed: StandingDeed): Promise<void> {
  const { deactivated_at, deleted_at } = await lockPerson(trx, deed);
  if (deleted_at !== null) {
    const sentence = 'This person has deleted the account: nothing is left to let in.';
    throw new AppError(422, 'person_deleted', sentence);
  }
  if (deactivated_at === null) return;
  await trx
    .updateTable('people')
    .set({ deactivated_at: null, updated_at: new Date() })
    .where('id', '=', deed.person_id)
    .execute();
  await note(trx, deed, 'person.reactivated', { active: false }, { active: true });
}

/** What verifying an address by hand needs of the installation. */
export interface VerifyingOptions {
  adminEmails: readonly string[];
  onAddressVerified?:
    ((trx: Trx, person: { id: string; email: string }) => Promise<void>) | undefined;
}

/**
 * Takes an address as a person's own on the word of the staff. Not one that makes a super admin: its
 * owner opens the link.
 * @throws AppError 422 `address_of_admin`
 */
export async function verifyByHand(
  trx: Trx,
  deed: StandingDeed,
  { adminEmails, onAddressVerified }: VerifyingOptions,
): Promise<void> {
  const { email, email_verified_at } = await lockPerson(trx, deed);
  if (email_verified_at !== null) return;
  const listed = adminEmails.some((one) => normalizeEmail(one) === normalizeEmail(email));
  if (listed) {
    const sentence = 'This address makes a super admin: only whoever reads its mail verifies it.';
    throw new AppError(422, 'address_of_admin', sentence);
  }
  await trx
    .updateTable('people')
    .set({ email_verified_at: new Date(), updated_at: new Date() })
    .where('id', '=', deed.person_id)
    .execute();
  await note(trx, deed, 'person.address_verified', { verified: false }, { verified: true });
  await onAddressVerified?.(trx, { id: deed.person_id, email });
}

/** Signs a person out everywhere. They can sign in again. */
export async function endSessionsByStaff(trx: Trx, deed: StandingDeed): Promise<void> {
  await lockPerson(trx, deed);
  await endSessionsOf(trx, deed.person_id);
  await note(trx, deed, 'person.sessions_ended', {}, { sessions: 0 });
}

/** Sends the mail that the person would ask for: with a link to choose a new password. */
export async function mailResetByStaff(trx: Trx, deed: StandingDeed): Promise<void> {
  const { email } = await lockPerson(trx, deed);
  await mailPasswordLink(trx, email, deed.origin);
  await note(trx, deed, 'person.password_link_sent', {}, {});
}

/** @throws AppError 404; 403 `role` for somebody of the staff whom this role does not reach */
async function lockPerson(trx: Trx, { person_id, by }: StandingDeed): Promise<Standing> {
  const row = await trx
    .selectFrom('people')
    .select(COLUMNS)
    .select(['deleted_at', 'staff_role'])
    .where('id', '=', person_id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('person');
  const person = { ...row, staff_role: staffRole.nullable().parse(row.staff_role) };
  if (person_id !== by.id && mayDealWith(by.staff_role, person.staff_role)) return person;
  const sentence =
    'This is somebody of the staff whom your role does not reach. Nothing was changed.';
  throw new AppError(403, 'role', sentence);
}

async function note(
  trx: Trx,
  { person_id, by, reason, origin }: StandingDeed,
  action: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Promise<void> {
  await audit(trx, {
    ...{ action, before, after, reason, origin },
    actor: { kind: 'person', id: by.id },
    subject: { kind: 'person', id: person_id },
  });
}
