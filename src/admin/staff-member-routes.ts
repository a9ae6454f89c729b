import type { Request, Response } from 'express';
import { z } from 'zod';
import { setStaffLimits, staffLimits } from '../billing/staff-limits.ts';
import { STAFF_ROLES } from '../core/staff-functions.ts';
import { type RoleChangeRefusal, staffRolesInReach } from '../core/staff-roles.ts';
import type { Connections } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { emailField } from '../people/fields.ts';
import { recentlyAuthenticated } from '../people/recent.ts';
import { changeStaffRole, staffMembers } from '../people/staff.ts';
import { settleSuperAdmin } from '../workspaces/super-admins.ts';
import { LimitsForm, limitsOf, valuesOf } from './limits-form.ts';
import { StaffRoutes } from './staff-routes.ts';

const RoleForm = z.object({
  email: emailField,
  role: z
    .enum([...STAFF_ROLES, 'none'], 'Choose a role.')
    .transform((role) => (role === 'none' ? null : role)),
  reason: z.string().trim().min(1, 'Say why. It is kept.').max(500, 'At most 500 characters.'),
});

/** Who is of the staff, and what each may do alone; mounted under /admin. */
export function staffMemberRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();

  routes.get('/staff', 'look', async (req, res) => {
    const members = await staffMembers(connections.staff);
    const limits = await staffLimits(connections.staff);
    sendPage(req, res, 'admin/staff', { members, limits });
  });

  function sendRole(req: Request, res: Response, staff: Express.User, form: FormState) {
    const data = { roles: staffRolesInReach(staff.staff_role), form };
    sendPage(req, res, 'admin/staff-role', data, isRefused(form) ? 422 : 200);
  }

  routes.get(
    '/staff/role',
    'staff.change',
    (req, res, staff) => {
      const email = typeof req.query['email'] === 'string' ? req.query['email'] : '';
      sendRole(req, res, staff, { values: { email }, errors: {} });
    },
    recentlyAuthenticated,
  );

  routes.post(
    '/staff/role',
    'staff.change',
    async (req, res, staff) => {
      const form = parseForm(RoleForm, req.body);
      if (!form.ok) {
        sendRole(req, res, staff, form);
        return;
      }
      const { email, role, reason } = form.data;
      const by = { by: staff.id, origin: originOf(req), onStaffRole: settleSuperAdmin };
      const refusal = await connections.app
        .transaction()
        .execute((trx) => changeStaffRole(trx, { who: { email }, role, reason, ...by }))
        .catch(unknownAddress);
      if (refusal === undefined) redirect(req, res, '/admin/staff');
      else sendRole(req, res, staff, { ...form, errors: {}, ...REFUSALS[refusal] });
    },
    recentlyAuthenticated,
  );

  routes.get(
    '/staff/limits',
    'staff_limits.change',
    async (req, res) => {
      const values = valuesOf(await staffLimits(connections.staff));
      sendPage(req, res, 'admin/staff-limits', { form: { values, errors: {} } });
    },
    recentlyAuthenticated,
  );

  routes.post(
    '/staff/limits',
    'staff_limits.change',
    async (req, res, staff) => {
      const form = parseForm(LimitsForm, req.body);
      if (!form.ok) {
        sendPage(req, res, 'admin/staff-limits', { form }, 422);
        return;
      }
      const by = { person_id: staff.id, origin: originOf(req) };
      await connections.app
        .transaction()
        .execute((trx) => setStaffLimits(trx, limitsOf(form.data), by));
      redirect(req, res, '/admin/staff');
    },
    recentlyAuthenticated,
  );

  return routes;
}

function isRefused({ errors, refusal }: FormState): boolean {
  return refusal !== undefined || Object.keys(errors).length > 0;
}

function unknownAddress(error: unknown): 'unknown' {
  if (error instanceof AppError && error.code === 'not_found') return 'unknown';
  throw error;
}

const REFUSALS: Record<RoleChangeRefusal | 'unknown', Partial<FormState>> = {
  unknown: { errors: { email: 'Nobody has an account with this address.' } },
  not_verified: {
    errors: { email: 'It has not been shown that this address is theirs: it has to be verified.' },
  },
  not_allowed: { refusal: 'Your role gives and takes none.' },
  above_own: { refusal: 'This is about a role above your own.' },
  last_super_admin: {
    refusal: 'This is the last super admin. Make somebody else one first.',
  },
};
