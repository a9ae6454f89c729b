import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { newId } from '../lib/ids.ts';
import { rateLimit } from '../lib/rate-limits.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { emailField } from '../people/fields.ts';
import {
  INVITATION_DAYS,
  type Invited,
  invite,
  openInvitation,
  resendInvitation,
  revokeInvitation,
} from './invitations.ts';
import type { MembersLimit } from './member-limits.ts';
import { leave } from './members.ts';
import { idIn, managersOnly, refreshPurse, scopeOf } from './scope.ts';
import { teamPage } from './team-page.ts';

export interface TeamDependencies {
  connections: Connections;
  baseUrl: string;
  /** How many members the plan of a workspace has room for. */
  membersLimitOf: MembersLimit;
}

const InviteForm = z.object({
  email: emailField,
  role: z.enum(['admin', 'member'], 'Choose a role.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});

const LeaveForm = z.object({ confirmed: z.literal('yes', 'Tick this first.') });

/** What the page says of what was just done. */
interface Said {
  form?: FormState;
  /** A link that may be handed on by other ways too, shown this once. */
  link?: { email: string; url: string };
  left_form?: FormState;
}

/** Who belongs to a workspace, and who is invited; mounted under /w/:slug. */
export function teamRoutes(dependencies: TeamDependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/team', (req, res) => sendTeam(req, res, dependencies));

  router.post('/team/leave', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const form = parseForm(LeaveForm, req.body);
    if (!form.ok) return sendTeam(req, res, dependencies, { left_form: form }, 422);
    const deed = { workspace_id: workspace.id, by: person.id, to: person.id };
    await inWorkspace(dependencies.connections.app, workspace.id, (trx) =>
      leave(trx, { ...deed, origin: originOf(req) }),
    );
    redirect(req, res, '/workspaces');
  });

  router.use(invitationRoutes(dependencies));
  return router;
}

function invitationRoutes(dependencies: TeamDependencies): Router {
  const { connections, baseUrl, membersLimitOf } = dependencies;
  const limits = mailLimits(connections);
  const router = Router({ mergeParams: true });
  router.use('/team/invitations', managersOnly('Owners and admins of the workspace invite.'));

  router.post('/team/invitations', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const form = parseForm(InviteForm, req.body);
    if (!form.ok) return sendTeam(req, res, dependencies, { form }, 422);
    const { nonce: id, email, role } = form.data;
    await limits.take(workspace.id, email);
    const invited = await here(req, connections, (trx) => {
      const asked = { id, email, role, workspace_id: workspace.id, by: person.id };
      return invite(trx, membersLimitOf, { ...asked, origin: originOf(req) });
    });
    await answerInvited(req, res, dependencies, { invited, form, email });
  });

  router.post('/team/invitations/:id/resend', async (req, res) => {
    const id = idIn(req, 'id', 'invitation');
    const { workspace, person } = scopeOf(req);
    const deed = { id, workspace_id: workspace.id, by: person.id, origin: originOf(req) };
    const { email } = await here(req, connections, (trx) => openInvitation(trx, deed));
    await limits.take(workspace.id, email);
    const { path } = await here(req, connections, (trx) => resendInvitation(trx, deed));
    const link = { email, url: `${baseUrl}${path}` };
    await sendTeam(req, res, dependencies, { link });
  });

  router.post('/team/invitations/:id/revoke', async (req, res) => {
    const id = idIn(req, 'id', 'invitation');
    const { workspace, person } = scopeOf(req);
    const deed = { id, workspace_id: workspace.id, by: person.id, origin: originOf(req) };
    await here(req, connections, (trx) => revokeInvitation(trx, deed));
    redirect(req, res, `${workspace.base}/team#invitations`);
  });

  return router;
}

/** Nobody sends more than these: not one workspace, and not many of them to one address. */
function mailLimits({ plain: pool }: Connections) {
  const day = 86_400;
  const perWorkspace = rateLimit({
    ...{ pool, name: 'invitations-workspace' },
    ...{ points: 50, window_seconds: day },
  });
  const perAddress = rateLimit({
    ...{ pool, name: 'invitations-address' },
    ...{ points: 10, window_seconds: day },
  });
  return {
    take: async (workspaceId: string, email: string): Promise<void> => {
      await perWorkspace.take(workspaceId);
      await perAddress.take(email.toLowerCase());
    },
  };
}

async function answerInvited(
  req: Request,
  res: Response,
  dependencies: TeamDependencies,
  { invited, form, email }: { invited: Invited; form: Pick<FormState, 'values'>; email: string },
): Promise<void> {
  switch (invited.outcome) {
    case 'sent': {
      const link = { email, url: `${dependencies.baseUrl}${invited.path}` };
      return sendTeam(req, res, dependencies, { link }, 201);
    }
    case 'refused': {
      const errors = { email: invited.sentence };
      return sendTeam(req, res, dependencies, { form: { ...form, errors } }, 422);
    }
    case 'twice':
      redirect(req, res, `${scopeOf(req).workspace.base}/team#invitations`);
  }
}

async function sendTeam(
  req: Request,
  res: Response,
  { connections, membersLimitOf }: TeamDependencies,
  { form = EMPTY_FORM, link, left_form = EMPTY_FORM }: Said = {},
  status = 200,
): Promise<void> {
  const { workspace, person } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const data = await here(req, connections, async (trx) => ({
    ...(await teamPage(trx, workspace, person.id)),
    limit: await membersLimitOf(trx, workspace.id),
  }));
  const days = INVITATION_DAYS;
  const said = { form, link, left_form, days, nonce: newId() };
  sendPage(req, res, 'workspaces/team', { ...data, ...said }, status);
}

function here<Result>(
  req: Request,
  { app }: Connections,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return inWorkspace(app, scopeOf(req).workspace.id, work);
}
