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
  'customers.see_as': ALL,
  'customers.change_plan': FINANCE,
  'customers.set_limits': ADMIN,
  'customers.freeze': ADMIN,
  'people.shut_out': ADMIN,
  'people.verify_address': ADMIN,
  'people.end_sessions': ALL,
  'people.reset_password': ALL,
  'payments.refund': FINANCE,
  'payments.book_transfer': FINANCE,
  'reconciliation.run': FINANCE,
  /** What came from Stripe, and what was sent to endpoints. */
  'webhooks.replay': FINANCE,
  'revenue.export': FINANCE,
  'ledger.repair': ADMIN,
  'promo_codes.change': FINANCE,
  'catalogue.change': ADMIN,
  'welcome.decide': FINANCE,
  /** Support and finance up to a small amount; above, it waits for somebody who approves. */
  'credits.grant': ALL,
  'credits.deduct': ADMIN,
  'credits.give_back': ALL,
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

/**
 * Whether somebody of the staff may shut out, sign out or verify somebody else: customers, and staff
 * of a lower role. Only super admins reach each other.
 */
export function mayDealWith(by: StaffRole | null, other: StaffRole | null): boolean {
  if (by === null) return false;
  const rank = (role: StaffRole) => STAFF_ROLES.indexOf(role);
  return other === null || by === 'super_admin' || rank(other) < rank(by);
}
