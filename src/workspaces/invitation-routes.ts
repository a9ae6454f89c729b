import { type Request, type Response, Router } from 'express';
import type { Acceptance } from '../core/roles.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { originOf, signedIn } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { normalizeEmail } from '../people/people.ts';
import {
  type ShownInvitation,
  acceptInvitation,
  findInvitation,
  lookAtInvitation,
} from './invitation-links.ts';
import type { MembersLimit } from './member-limits.ts';
import { ROLE_WORDS } from './team-page.ts';

interface Dependencies {
  connections: Connections;
  membersLimitOf: MembersLimit;
}

/** Where the link of an invitation leads, signed in or not; mounted at /invitations. */
export function invitationPages({ connections, membersLimitOf }: Dependencies): Router {
  const router = Router();

  router.use((_req, res, next) => {
    // The link is told to nobody to whom the page links.
    res.set('Referrer-Policy', 'no-referrer');
    next();
  });

  router.get('/:token', async (req, res) => {
    const invitation = await invitationIn(req, connections);
    const { user } = req;
    if (user === undefined) {
      sendInvitation(req, res, invitation, 'signed_out');
      return;
    }
    const acceptance = await inWorkspace(connections.app, invitation.workspace_id, (trx) =>
      lookAtInvitation(trx, invitation, inviteeOf(user)),
    );
    answer(req, res, invitation, acceptance);
  });

  router.post('/:token', signedIn, async (req, res) => {
    const invitation = await invitationIn(req, connections);
    const { user } = req;
    if (user === undefined) throw new Error('nobody is signed in');
    const asked = { invitation, invitee: inviteeOf(user), origin: originOf(req) };
    const acceptance = await inWorkspace(connections.app, invitation.workspace_id, (trx) =>
      acceptInvitation(trx, membersLimitOf, asked),
    );
    if (acceptance === 'welcome') redirect(req, res, `/w/${invitation.slug}`);
    else answer(req, res, invitation, acceptance);
  });

  return router;
}

/** @throws AppError 404 for a link that opens nothing */
async function invitationIn(req: Request, connections: Connections): Promise<ShownInvitation> {
  const { token } = req.params;
  const found = typeof token === 'string' ? await findInvitation(connections, token) : undefined;
  if (found === undefined) throw notFound('invitation');
  return found;
}

function inviteeOf({ id, email }: Express.User) {
  return { id, email_normalized: normalizeEmail(email) };
}

const STATUSES: Record<Acceptance | 'signed_out', number> = {
  signed_out: 200,
  welcome: 200,
  there_already: 200,
  other_address: 403,
  used: 410,
  revoked: 410,
  expired: 410,
  inviter_gone: 410,
};

function answer(
  req: Request,
  res: Response,
  invitation: ShownInvitation,
  acceptance: Acceptance,
): void {
  if (acceptance === 'there_already') redirect(req, res, `/w/${invitation.slug}`);
  else sendInvitation(req, res, invitation, acceptance);
}

function sendInvitation(
  req: Request,
  res: Response,
  invitation: ShownInvitation,
  state: Acceptance | 'signed_out',
): void {
  const role = ROLE_WORDS[invitation.role];
  const token = String(req.params['token']);
  const here = `/invitations/${token}`;
  const data = { invitation, role, state, token, here };
  sendPage(req, res, 'workspaces/invitation', data, STATUSES[state]);
}
