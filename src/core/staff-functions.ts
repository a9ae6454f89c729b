/** Roles among the staff of the seller, in the order of what they may. */
export const STAFF_ROLES = ['support', 'finance', 'admin', 'super_admin'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

const ALL = STAFF_ROLES;
const FINANCE: readonly StaffRole[] = ['finance', 'admin', 'super_admin'];
const ADMIN: readonly StaffRole[] = ['admin', 'super_admin'];
const SUPER: readonly StaffRole[] = ['super_admin'];

/**
 * What the staff do, and which roles may: the one table of it. Each route of the admin area names
 * one of these, and the pages ask the same table for what they offer.
 */
export const STAFF_FUNCTIONS = {
  look: ALL,
  'customers.export': FINANCE,
  'customers.note': ALL,
  'payments.refund': FINANCE,
  'payments.book_transfer': FINANCE,
  'reconciliation.run': FINANCE,
  'promo_codes.change': FINANCE,
  'welcome.decide': FINANCE,
  /** Support and finance up to a small amount; above, it waits for somebody who approves. */
  'credits.grant': ALL,
  'credits.deduct': ADMIN,
  'credits.grant_many': ADMIN,
  'credits.approve': ADMIN,
  /** Of refunds, and of credits whoever may `credits.approve`. */
  'approvals.decide': FINANCE,
  'audit.export': FINANCE,
  /** Roles up to the own. */
  'staff.change': ADMIN,
  'staff_limits.change': SUPER,
} satisfies Record<string, readonly StaffRole[]>;
export type StaffFunction = keyof typeof STAFF_FUNCTIONS;

/** Whether somebody of a role may do something; customers have no role and may nothing. */
export function staffMay(role: StaffRole | null, to: StaffFunction): boolean {
  const roles: readonly StaffRole[] = STAFF_FUNCTIONS[to];
  return role !== null && roles.includes(role);
}
