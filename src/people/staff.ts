import { sql } from 'kysely';
import type { StaffRole } from '../core/staff-functions.ts';
import { type RoleChangeRefusal, refusalOfRoleChange } from '../core/staff-roles.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { normalizeEmail } from './fields.ts';

/** What goes with a role beyond people, in the transaction that gives or takes it; perhaps again. */
export type OnStaffRole = (
  trx: Trx,
  person: { id: string; staff_role: StaffRole | null },
) => Promise<void>;

export interface GiveStaffRoleOptions {
  who: { email: string } | { person_id: string };
  role: StaffRole;
  actor: Actor;
  reason?: string;
  origin?: Origin;
  onStaffRole?: OnStaffRole | undefined;
}

/**
 * Gives a person a role among the staff, in place of the one that they had: by the operator, whom
 * nobody has to allow it.
 * @returns the person's id. Throws 404 `not_found`.
 */
export async function giveStaffRole(trx: Trx, options: GiveStaffRoleOptions): Promise<string> {
  const person = await lockPerson(trx, options.who);
  await setRole(trx, person, { ...options, role: options.role });
  return person.id;
}

export interface RoleChangeDeed {
  who: { email: string } | { person_id: string };
  /** Null takes the role away. */
  role: StaffRole | null;
  reason: string;
  /** Who asks, and with which role: as it is read now, not as the session began. */
  by: string;
  origin: Origin;
  onStaffRole: OnStaffRole;
}

/**
 * Gives or takes a role, for somebody of the staff.
 * @returns why not; undefined when it was done, or is so already
 * @throws AppError 404 for an address that nobody has
 */
export async function changeStaffRole(
  trx: Trx,
  deed: RoleChangeDeed,
): Promise<RoleChangeRefusal | undefined> {
  await oneByOne(trx);
  const person = await lockPerson(trx, deed.who);
  const by = await trx
    .selectFrom('people')
    .select('staff_role')
    .where('id', '=', deed.by)
    .executeTakeFirstOrThrow();
  const refusal = refusalOfRoleChange({
    by: by.staff_role,
    before: person.staff_role,
    after: deed.role,
    other_super_admins: await superAdminsBeside(trx, person.id),
    verified: person.email_verified_at !== null,
  });
  if (refusal !== undefined || deed.role === person.staff_role) return refusal;
  await setRole(trx, person, { ...deed, actor: { kind: 'person', id: deed.by } });
  return undefined;
}

/**
 * For whatever ends an account: somebody has to be left who can give roles. Call it before anything
 * of the person is locked.
 * @throws AppError 422 `last_super_admin`
 */
export async function keepASuperAdmin(trx: Trx, personId: string): Promise<void> {
  const person = await trx
    .selectFrom('people')
    .select('staff_role')
    .where('id', '=', personId)
    .executeTakeFirst();
  if (person?.staff_role !== 'super_admin') return;
  await oneByOne(trx);
  if ((await superAdminsBeside(trx, personId)) > 0) return;
  throw new AppError(
    422,
    'last_super_admin',
    'This is the last super admin. Make somebody else one first; nothing was changed.',
  );
}

/** Whether there is anybody who may do everything. */
export async function hasSuperAdmin(db: Db): Promise<boolean> {
  const found = await db
    .selectFrom('people')
    .select('id')
    .where('staff_role', '=', 'super_admin')
    .where('deactivated_at', 'is', null)
    .limit(1)
    .execute();
  return found.length > 0;
}

/**
 * Makes somebody super admin whose address is one of ADMIN_EMAILS and was verified, and who has no
 * role yet. Whoever is one already has again what goes with it.
 */
export async function giveListedRole(
  trx: Trx,
  person: { id: string; email_normalized: string; staff_role: StaffRole | null },
  {
    adminEmails,
    onStaffRole,
  }: { adminEmails: readonly string[]; onStaffRole?: OnStaffRole | undefined },
  origin: Origin,
): Promise<void> {
  if (person.staff_role === 'super_admin') await onStaffRole?.(trx, person);
  const listed = adminEmails.some((email) => normalizeEmail(email) === person.email_normalized);
  if (!listed || person.staff_role !== null) return;
  await giveStaffRole(trx, {
    who: { person_id: person.id },
    role: 'super_admin',
    actor: { kind: 'system' },
    reason: 'The address is one of ADMIN_EMAILS.',
    origin,
    onStaffRole,
  });
}

/** Somebody of the staff, as their list shows them. */
export interface StaffMember {
  id: string;
  name: string;
  email: string;
  staff_role: StaffRole;
  deactivated_at: Date | null;
}

/** All who have a role, those with the most first. */
export async function staffMembers(db: Db): Promise<StaffMember[]> {
  return db
    .selectFrom('people')
    .select(['id', 'name', 'email', 'deactivated_at'])
    .select(sql<StaffRole>`staff_role`.as('staff_role'))
    .where('staff_role', 'is not', null)
    .orderBy(sql`array_position(array['super_admin', 'admin', 'finance', 'support'], staff_role)`)
    .orderBy('name')
    .orderBy('id')
    .execute();
}

/** Roles change one after the other, so that two super admins do not take each other's. */
async function oneByOne(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('scrip: change a role of the staff'))`.execute(
    trx,
  );
}

async function superAdminsBeside(trx: Trx, personId: string): Promise<number> {
  const { others } = await trx
    .selectFrom('people')
    .select(sql<number>`count(*)::int`.as('others'))
    .where('staff_role', '=', 'super_admin')
    .where('deactivated_at', 'is', null)
    .where('id', '<>', personId)
    .executeTakeFirstOrThrow();
  return others;
}

type LockedPerson = Awaited<ReturnType<typeof lockPerson>>;

async function lockPerson(trx: Trx, who: GiveStaffRoleOptions['who']) {
  const query = trx
    .selectFrom('people')
    .select(['id', 'staff_role', 'email_verified_at'])
    .forNoKeyUpdate();
  const person = await (
    'email' in who
      ? query.where('email_normalized', '=', normalizeEmail(who.email))
      : query.where('id', '=', who.person_id)
  ).executeTakeFirst();
  if (person === undefined) throw notFound('person');
  return person;
}

async function setRole(
  trx: Trx,
  { id, staff_role: before }: LockedPerson,
  { role, ...deed }: Omit<GiveStaffRoleOptions, 'who' | 'role'> & { role: StaffRole | null },
): Promise<void> {
  await trx
    .updateTable('people')
    .set({ staff_role: role, updated_at: new Date() })
    .where('id', '=', id)
    .execute();
  await audit(trx, {
    actor: deed.actor,
    action: role === null ? 'person.staff_role_taken' : 'person.staff_role_given',
    subject: { kind: 'person', id },
    before: { staff_role: before },
    after: { staff_role: role },
    ...(deed.reason === undefined ? {} : { reason: deed.reason }),
    ...(deed.origin === undefined ? {} : { origin: deed.origin }),
  });
  await deed.onStaffRole?.(trx, { id, staff_role: role });
}
