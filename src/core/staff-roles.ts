import { STAFF_ROLES, type StaffRole, staffMay } from './staff-functions.ts';

/** A role that is given or taken: by whom, and what the other has and is to have. */
export interface RoleChange {
  by: StaffRole | null;
  before: StaffRole | null;
  after: StaffRole | null;
  /** Super admins besides the other one. */
  other_super_admins: number;
  /** Whether it was shown that the address is the other one's. */
  verified: boolean;
}

export type RoleChangeRefusal = 'not_allowed' | 'above_own' | 'last_super_admin' | 'not_verified';

/** The roles that somebody may give and take: none above the own. */
export function staffRolesInReach(by: StaffRole | null): readonly StaffRole[] {
  if (by === null || !staffMay(by, 'staff.change')) return [];
  return STAFF_ROLES.slice(0, STAFF_ROLES.indexOf(by) + 1);
}

/** Why a role cannot be given or taken; undefined when it can. */
export function refusalOfRoleChange(change: RoleChange): RoleChangeRefusal | undefined {
  const { by, before, after } = change;
  const reach = staffRolesInReach(by);
  if (reach.length === 0) return 'not_allowed';
  const isInReach = (role: StaffRole | null): boolean => role === null || reach.includes(role);
  if (!isInReach(before) || !isInReach(after)) return 'above_own';
  const isLast = before === 'super_admin' && change.other_super_admins === 0;
  if (isLast && after !== 'super_admin') return 'last_super_admin';
  // Who signed up with somebody else's address is not to have what was meant for them.
  return after !== null && !change.verified ? 'not_verified' : undefined;
}
