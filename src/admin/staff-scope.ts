import type { Request, RequestHandler } from 'express';
import { AppError, notFound } from '../lib/errors.ts';
import type { StaffRole } from '../people/people.ts';

/** Who may change what concerns money. Support looks and does not touch. */
const MONEY_ROLES: readonly StaffRole[] = ['finance', 'admin', 'super_admin'];

/**
 * For pages under /admin. To everybody who is not of the staff they do not exist. Gives the layout
 * the places of the admin area.
 */
export function staffScope(): RequestHandler {
  return (req, res, next) => {
    if ((req.user?.staff_role ?? null) === null) throw notFound();
    res.locals['admin_places'] = ADMIN_PLACES;
    next();
  };
}

/** The pages of the admin area, as its header has them. */
const ADMIN_PLACES = [
  { label: 'Payments', href: '/admin/payments' },
  { label: 'Reconciliation', href: '/admin/reconciliation' },
  { label: 'Flagged', href: '/admin/flagged' },
  { label: 'Promo codes', href: '/admin/promo-codes' },
  { label: 'Welcome', href: '/admin/welcome' },
];

/**
 * The person of the staff who asks, for what moves money.
 * @throws AppError 403 `role`
 */
export function moneyStaff(req: Request): Express.User {
  const { user } = req;
  if (user?.staff_role === undefined || !mayMoveMoney(user.staff_role)) {
    throw new AppError(403, 'role', 'Money is moved by finance and admins. Nothing was changed.');
  }
  return user;
}

export function mayMoveMoney(role: StaffRole | null): boolean {
  return role !== null && MONEY_ROLES.includes(role);
}
