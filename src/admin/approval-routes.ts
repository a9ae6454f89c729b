import type { Request, Response } from 'express';
import { z } from 'zod';
import { type DecisionOutcome, decideRequest } from '../billing/staff-decisions.ts';
import {
  type ListedRequest,
  requestPage,
  requestReport,
} from '../billing/staff-request-reports.ts';
import { staffMay } from '../core/staff-functions.ts';
import { type DecisionRefusal, REQUEST_FUNCTIONS } from '../core/staff-limits.ts';
import { balancesOf } from '../ledger/balances.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { auditOf } from '../workspaces/audit-reports.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

const ListQuery = z.object({
  show: z.enum(['waiting', 'over']).catch('waiting'),
  before: z.uuid().optional().catch(undefined),
});
const RefuseForm = z.object({
  reason: z.string().trim().min(1, 'Say why.').max(500, 'At most 500 characters.'),
});

/** What some of the staff want and others have to approve; mounted under /admin. */
export function approvalRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();

  routes.get('/approvals', 'look', async (req, res) => {
    const query = ListQuery.parse(req.query);
    const { requests, older } = await requestPage(connections.staff, query);
    sendPage(req, res, 'admin/approvals', {
      requests,
      shown: query.show,
      older: older === undefined ? undefined : `/admin/approvals?show=over&before=${older}`,
      is_first: query.before === undefined,
    });
  });

  async function send(req: Request, res: Response, staff: Express.User, form: FormState) {
    const request = await requestOf(req);
    const { kind, subject_id } = request;
    const isOpen = request.state === 'waiting' && !request.is_expired;
    const isOfCredits = kind === 'grant' || kind === 'deduct' || kind === 'give_back';
    const [balance] =
      isOpen && isOfCredits ? await balancesOf(connections.staff, [subject_id]) : [];
    const isOwn = request.asked_by === staff.id;
    const may_approve =
      isOpen && !isOwn && staffMay(staff.staff_role, REQUEST_FUNCTIONS[kind].approve);
    const changes = await auditOf(connections.staff, { kind: 'staff_request', id: request.id });
    const data = { request, changes, balance, is_open: isOpen, is_own: isOwn, may_approve, form };
    sendPage(req, res, 'admin/approval', data, form === EMPTY_FORM ? 200 : 422);
  }

  async function requestOf(req: Request): Promise<ListedRequest> {
    const request = await requestReport(connections.staff, idIn(req, 'request'));
    if (request === undefined) throw notFound('request');
    return request;
  }

  routes.get('/approvals/:id', 'look', (req, res, staff) => send(req, res, staff, EMPTY_FORM));

  for (const [decision, to, schema] of [
    ['approve', 'approvals.decide', z.object({})],
    ['refuse', 'approvals.decide', RefuseForm],
    ['withdraw', 'credits.grant', z.object({})],
  ] as const) {
    routes.post(`/approvals/:id/${decision}`, to, async (req, res, staff) => {
      const { id, workspace_id } = await requestOf(req);
      const form = parseForm(schema, req.body);
      if (!form.ok) return send(req, res, staff, form);
      const by = { person_id: staff.id, origin: originOf(req) };
      const deed = { request_id: id, workspace_id, decision, ...form.data, ...by };
      const outcome = await connections.app
        .transaction()
        .execute((trx) => decideRequest(trx, deed));
      const refusal = refusalIn(outcome);
      if (refusal === undefined) redirect(req, res, `/admin/approvals/${id}`);
      else await send(req, res, staff, { values: form.values, errors: {}, refusal });
    });
  }

  return routes;
}

const REFUSALS: Record<DecisionRefusal, string> = {
  not_waiting: 'Somebody has decided this already.',
  expired: 'It has waited for too long. Whoever wants it asks again.',
  not_own: 'Somebody else asked for this.',
  own: 'You asked for this yourself: somebody else has to approve it.',
  role: 'Your role does not approve this.',
  asker_left: 'Whoever asked for this may not ask for it any more. Refuse it.',
};

function refusalIn(outcome: DecisionOutcome): string | undefined {
  switch (outcome.outcome) {
    case 'done':
      return undefined;
    case 'refused':
      return REFUSALS[outcome.refusal];
    case 'impossible':
      return outcome.sentence;
  }
}
