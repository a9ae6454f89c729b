import type { RequestHandler } from 'express';
import { type StaffFunction, staffMay } from '../core/staff-functions.ts';
import { notFound } from '../lib/errors.ts';
import { ADMIN_SECTIONS } from './sections.ts';

/**
 * For pages under /admin. To everybody who is not of the staff they do not exist. Gives the views
 * the sections of the admin area, and `may` to offer only what the role allows.
 */
export function staffScope(): RequestHandler {
  return (req, res, next) => {
    const role = req.user?.staff_role ?? null;
    if (role === null) throw notFound();
    const may = (to: StaffFunction): boolean => staffMay(role, to);
    Object.assign(res.locals, { admin_sections: ADMIN_SECTIONS, may });
    next();
  };
}
