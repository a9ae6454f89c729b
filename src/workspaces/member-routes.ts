import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { parseCredits } from '../core/credits.ts';
import {
  ROLES,
  type Role,
  isManager,
  refusalOfRemoval,
  refusalOfRole,
  refusalOfTransfer,
} from '../core/roles.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import {
  MEMBER_PERIODS,
  raiseMemberBudget,
  removeMemberBudget,
  setMemberBudget,
} from './member-budgets.ts';
import { type Deed, changeRole, removeMember, transferOwnership } from './members.ts';
import { idIn, managersOnly, refreshPurse, scopeOf } from './scope.ts';
import { ROLE_WORDS, type ShownMember, memberPage } from './team-page.ts';

interface Dependencies {
  connections: Connections;
}

const limitField = z
  .string('Give credits, such as 100.')
  .trim()
  .transform((text, context) => {
    const limit = parseCredits(text);
    if (limit !== undefined && limit >= 0n) return limit;
    context.addIssue('Give credits, such as 100, or 0 for none.');
    return z.NEVER;
  });

const confirmed = z.literal('yes', 'Tick this first.');
const RoleForm = z.object({ role: z.enum(ROLES, 'Choose a role.') });
const RemoveForm = z.object({ remove: confirmed, keys: z.literal('revoke').optional() });
const TransferForm = z.object({ transfer: confirmed });
const BudgetForm = z.object({
  limit: limitField,
  period: z.enum(MEMBER_PERIODS, 'Choose a period.'),
  kind: z.enum(['hard', 'warning'], 'Choose what it does.'),
});
const RaiseForm = z.object({ raise: limitField });

/** The page about one member, and what owners and admins do there; mounted under /w/:slug. */
export function memberRoutes({ connections }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/team/members/:id', async (req, res) => {
    await sendMember(req, res, connections, EMPTY_FORM);
  });

  router.post(
    ['/team/members/:id/:what', '/team/members/:id/budgets/:budget/:what'],
    managersOnly('Owners and admins of the workspace deal with its members.'),
  );

  router.post('/team/members/:id/role', async (req, res) => {
    const form = parseForm(RoleForm, req.body);
    if (!form.ok) return sendMember(req, res, connections, form, 422);
    await here(req, connections, (trx) => changeRole(trx, deedIn(req), form.data.role));
    redirect(req, res, pathOf(req));
  });

  router.post('/team/members/:id/transfer', async (req, res) => {
    const form = parseForm(TransferForm, req.body);
    if (!form.ok) return sendMember(req, res, connections, form, 422);
    await here(req, connections, (trx) => transferOwnership(trx, deedIn(req)));
    redirect(req, res, `${scopeOf(req).workspace.base}/team`);
  });

  router.post('/team/members/:id/remove', async (req, res) => {
    const form = parseForm(RemoveForm, req.body);
    if (!form.ok) return sendMember(req, res, connections, form, 422);
    const revokeKeys = form.data.keys === 'revoke';
    await here(req, connections, (trx) => removeMember(trx, deedIn(req), revokeKeys));
    redirect(req, res, `${scopeOf(req).workspace.base}/team`);
  });

  router.use(budgetRoutes(connections));
  return router;
}

function budgetRoutes(connections: Connections): Router {
  const router = Router({ mergeParams: true });

  router.post('/team/members/:id/budgets', async (req, res) => {
    const form = parseForm(BudgetForm, req.body);
    if (!form.ok) return sendMember(req, res, connections, form, 422);
    const { limit: limit_amount, period, kind } = form.data;
    const budget = { limit_amount, period, hard: kind === 'hard' };
    await here(req, connections, (trx) => setMemberBudget(trx, budgetDeedIn(req), budget));
    redirect(req, res, `${pathOf(req)}#budgets`);
  });

  router.post('/team/members/:id/budgets/:budget/raise', async (req, res) => {
    const form = parseForm(RaiseForm, req.body);
    if (!form.ok) return sendMember(req, res, connections, form, 422);
    const deed = { ...budgetDeedIn(req), id: idIn(req, 'budget', 'budget') };
    await here(req, connections, (trx) => raiseMemberBudget(trx, deed, form.data.raise));
    redirect(req, res, `${pathOf(req)}#budgets`);
  });

  router.post('/team/members/:id/budgets/:budget/remove', async (req, res) => {
    const deed = { ...budgetDeedIn(req), id: idIn(req, 'budget', 'budget') };
    await here(req, connections, (trx) => removeMemberBudget(trx, deed));
    redirect(req, res, `${pathOf(req)}#budgets`);
  });

  return router;
}

/** Members see their own page, owners and admins each. */
async function sendMember(
  req: Request,
  res: Response,
  connections: Connections,
  form: FormState,
  status = 200,
): Promise<void> {
  const { workspace, person } = scopeOf(req);
  const id = idIn(req, 'id', 'member');
  const manages = isManager(workspace.role);
  if (!manages && id !== person.id) {
    throw new AppError(403, 'role', 'Owners and admins see the pages of others.');
  }
  await refreshPurse(connections, res, workspace.id);
  const page = await here(req, connections, (trx) =>
    memberPage(trx, workspace, { id, asked_by: person.id }),
  );
  if (page === undefined) throw notFound('member');
  const { member, keys, owners } = page;
  const may = whatMayBeDone(workspace.role, member, owners);
  sendPage(req, res, 'workspaces/member', { member, keys, form, may, manages }, status);
}

/** Nothing is offered that would be refused. */
function whatMayBeDone(by: Role, { role: to, is_you }: ShownMember, owners: number) {
  const dealing = { by, to, oneself: is_you, owners };
  const roles = ROLES.filter((role) => refusalOfRole(dealing, role) === undefined);
  return {
    roles: roles.length < 2 ? [] : roles.map((role) => ({ role, ...ROLE_WORDS[role] })),
    remove: refusalOfRemoval(dealing) === undefined,
    transfer: refusalOfTransfer(dealing) === undefined,
  };
}

function deedIn(req: Request): Deed {
  const { workspace, person } = scopeOf(req);
  const to = idIn(req, 'id', 'member');
  return { workspace_id: workspace.id, by: person.id, to, origin: originOf(req) };
}

function budgetDeedIn(req: Request) {
  const { to: person_id, ...deed } = deedIn(req);
  return { ...deed, person_id };
}

function pathOf(req: Request): string {
  return `${scopeOf(req).workspace.base}/team/members/${idIn(req, 'id', 'member')}`;
}

function here<Result>(
  req: Request,
  { app }: Connections,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return inWorkspace(app, scopeOf(req).workspace.id, work);
}
