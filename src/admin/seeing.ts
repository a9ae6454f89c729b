import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { staffMay } from '../core/staff-functions.ts';
import { type Origin, audit } from '../lib/audit.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { redirect } from '../lib/rendering.ts';
import { type Action, addAction, doOnce } from './actions.ts';
import type { StaffRoutes } from './staff-routes.ts';

declare module 'express-session' {
  interface SessionData {
    /** The customer whose pages somebody of the staff looks at. */
    seeing?: { workspace_id: string; name: string; until: number };
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const LEAVE = '/seeing/leave';
const HOUR_MILLISECONDS = 3_600_000;

/**
 * While somebody of the staff sees what a customer sees, nothing can be changed, anywhere: this is
 * the one place that refuses it. The session stays the staff's own, and nobody's secrets are shown:
 * what is seen is what a member sees who manages nothing. Mount it before all that answers.
 */
export function staffView(connections: Connections): RequestHandler {
  return async (req, res, next) => {
    const { seeing } = req.session;
    if (seeing === undefined) {
      next();
      return;
    }
    const may = staffMay(req.user?.staff_role ?? null, 'customers.see_as');
    if (!may || seeing.until <= Date.now()) {
      delete req.session.seeing;
      next();
      return;
    }
    req.seeing = { workspace_id: seeing.workspace_id, until: new Date(seeing.until) };
    Object.assign(res.locals, { seeing });
    const isWayOut = req.path === `/admin${LEAVE}`;
    // Whoever signs out leaves the view with all else.
    if (req.path === '/sign-out' && req.method === 'POST') await end(connections, req);
    else if (!SAFE_METHODS.has(req.method) && !isWayOut) throw readOnly();
    next();
  };
}

function readOnly(): AppError {
  const sentence =
    'You see what the customer sees, and nothing can be changed meanwhile. Nothing was changed. Leave the view first.';
  return new AppError(403, 'read_only', sentence);
}

const NothingForm = z.object({});

/** Begins and ends the view; both stand in the audit. */
export function addSeeing(routes: StaffRoutes, connections: Connections): void {
  const action: Action<typeof NothingForm> = {
    ...{ path: 'see', to: 'customers.see_as', for_tests: false, schema: NothingForm },
    form: () =>
      Promise.resolve({
        title: 'See what the customer sees',
        says: [
          'For an hour you see the pages as a member does who manages nothing. Nothing can be changed in this browser meanwhile, and no secret is shown. It is recorded under your name.',
        ],
        ...{ fields: [], button: 'Go on' },
      }),
    preview: () =>
      Promise.resolve({
        changes: [{ label: 'This browser', before: 'Works as staff', after: 'Reads only' }],
        ...{ says: [], button: 'See it' },
      }),
    perform: async (asked, _form, confirmed) => {
      const { req, customer, staff } = asked;
      if (customer.deactivated_at !== null) return { refusal: 'This workspace is closed.' };
      await end(connections, req);
      const until = Date.now() + HOUR_MILLISECONDS;
      const { reason, origin } = confirmed;
      const by = { person_id: staff.id, workspace_id: customer.id, origin };
      await doOnce(connections, asked, confirmed, {}, (trx) =>
        audit(trx, {
          ...eventOf('workspace.staff_view_began', by),
          ...{ reason, after: { until: new Date(until).toISOString() } },
        }),
      );
      req.session.seeing = { workspace_id: customer.id, name: customer.name, until };
      return `/${customer.kind === 'external' ? 'c' : 'w'}/${customer.slug}`;
    },
  };
  addAction(routes, connections, action);

  routes.post(LEAVE, 'customers.see_as', async (req, res) => {
    const of = await end(connections, req);
    redirect(req, res, of === undefined ? '/admin/customers' : `/admin/customers/${of}`);
  });
}

/** @returns whose pages were seen; undefined when nobody's were */
async function end({ app }: Connections, req: Request): Promise<string | undefined> {
  const { seeing } = req.session;
  if (seeing === undefined || req.user === undefined) return undefined;
  const { workspace_id } = seeing;
  delete req.session.seeing;
  delete req.seeing;
  const by = { person_id: req.user.id, workspace_id, origin: originOf(req) };
  await inWorkspace(app, workspace_id, (trx) =>
    audit(trx, eventOf('workspace.staff_view_ended', by)),
  );
  return workspace_id;
}

interface By {
  person_id: string;
  workspace_id: string;
  origin: Origin;
}

function eventOf(action: string, { person_id, workspace_id, origin }: By) {
  return {
    ...{ workspace_id, action, origin },
    actor: { kind: 'person' as const, id: person_id },
    subject: { kind: 'workspace', id: workspace_id },
  };
}
