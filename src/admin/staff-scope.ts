import type { RequestHandler } from 'express';
import { type StaffFunction, staffMay } from '../core/staff-functions.ts';
import { requestsFor } from '../billing/staff-request-reports.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { claimsInReview } from '../workspaces/welcome-reports.ts';
import { ADMIN_SECTIONS } from './sections.ts';

/**
 * For pages under /admin. To everybody who is not of the staff they do not exist. Gives the views
 * the sections of the admin area, how much waits there for this person, and `may` to offer only what
 * the role allows.
 */
export function staffScope({ staff }: Connections): RequestHandler {
  return async (req, res, next) => {
    const role = req.user?.staff_role ?? null;
    if (role === null || req.user === undefined) throw notFound();
    const may = (to: StaffFunction): boolean => staffMay(role, to);
    const [requests, claims] = await Promise.all([
      requestsFor(staff, { id: req.user.id, role }),
      may('welcome.decide') ? claimsInReview(staff) : 0,
    ]);
    const admin_counts = { '/admin/approvals': requests, '/admin/welcome': claims };
    Object.assign(res.locals, { admin_sections: ADMIN_SECTIONS, admin_counts, may });
    next();
  };
}
