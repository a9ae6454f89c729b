import { type Acceptance, type Invitee, type Role, acceptanceOf } from '../core/roles.ts';
import type { Origin } from '../lib/audit.ts';
import type { Connections, Trx } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { digestOf, noteInvitation } from './invitations.ts';
import { type MembersLimit, noRoom } from './member-limits.ts';
import { lockTeam } from './members.ts';

const TOKEN = /^[\w-]{43}$/;

/** An invitation as whoever holds its link sees it. */
export interface ShownInvitation {
  id: string;
  workspace_id: string;
  workspace: string;
  slug: string;
  email: string;
  role: 'admin' | 'member';
  by: string;
  expires_at: Date;
  times_sent: number;
}

/**
 * Finds out whose a link is; undefined for what opens nothing.
 * @param staff sees the invitations of all workspaces
 */
export async function findInvitation(
  { staff }: Pick<Connections, 'staff'>,
  token: string,
): Promise<ShownInvitation | undefined> {
  if (!TOKEN.test(token)) return undefined;
  return staff
    .selectFrom('invitations as i')
    .innerJoin('workspaces as w', 'w.id', 'i.workspace_id')
    .innerJoin('people as p', 'p.id', 'i.invited_by')
    .select(['i.id', 'i.workspace_id', 'w.name as workspace', 'w.slug', 'i.email', 'i.role'])
    .select(['p.name as by', 'i.expires_at', 'i.times_sent'])
    .where('i.token_hash', '=', digestOf(token))
    .where('w.deactivated_at', 'is', null)
    .executeTakeFirst();
}

/** What would come of it now if somebody accepted it. */
export async function lookAtInvitation(
  trx: Trx,
  { id, workspace_id }: Pick<ShownInvitation, 'id' | 'workspace_id'>,
  invitee: Pick<Invitee, 'id' | 'email_normalized'>,
): Promise<Acceptance> {
  const roles = await trx
    .selectFrom('memberships')
    .select(['person_id', 'role'])
    .where('workspace_id', '=', workspace_id)
    .execute();
  const known = new Map(roles.map(({ person_id, role }) => [person_id, role]));
  const { state } = await stateOf(trx, id, known);
  return acceptanceOf(state, { ...invitee, is_member: known.has(invitee.id) });
}

/**
 * Lets somebody in by an invitation, once. What does not is told by the outcome.
 * @throws AppError 403 `plan_is_full`
 */
export async function acceptInvitation(
  trx: Trx,
  limitOf: MembersLimit,
  asked: {
    invitation: ShownInvitation;
    invitee: Pick<Invitee, 'id' | 'email_normalized'>;
    origin: Origin;
  },
): Promise<Acceptance> {
  const { invitation, invitee, origin } = asked;
  const { workspace_id, id } = invitation;
  const team = await lockTeam(trx, workspace_id);
  const { state, invited_by, times_sent } = await stateOf(trx, id, team.roles);
  // It was sent again between our two looks: the link of then is void.
  if (times_sent !== invitation.times_sent) return 'revoked';
  const is_member = team.roles.has(invitee.id);
  const acceptance = acceptanceOf(state, { ...invitee, is_member });
  const isOpen = !state.is_revoked && state.accepted_by === null;
  const ends = acceptance === 'welcome' || (acceptance === 'there_already' && isOpen);
  if (!ends) return acceptance;
  if (acceptance === 'welcome') {
    const full = await noRoom(trx, team, limitOf, { withInvited: false });
    if (full !== undefined) throw new AppError(403, 'plan_is_full', full);
    const { role } = invitation;
    await trx
      .insertInto('memberships')
      .values({ workspace_id, person_id: invitee.id, role, invited_by })
      .execute();
  }
  await trx
    .updateTable('invitations')
    .set({ accepted_at: new Date(), accepted_by: invitee.id })
    .where('id', '=', id)
    .execute();
  const deed = { id, workspace_id, by: invitee.id, origin };
  if (acceptance === 'welcome')
    await noteInvitation(trx, deed, 'invitation.accepted', { role: state.role });
  return acceptance;
}

async function stateOf(trx: Trx, id: string, roles: ReadonlyMap<string, Role>) {
  const row = await trx
    .selectFrom('invitations')
    .select(['email_normalized', 'role', 'invited_by', 'expires_at', 'revoked_at', 'accepted_by'])
    .select('times_sent')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('invitation');
  const { email_normalized, role, invited_by, accepted_by, times_sent } = row;
  const state = {
    ...{ email_normalized, role, accepted_by },
    inviter_role: roles.get(invited_by),
    is_expired: row.expires_at.getTime() <= Date.now(),
    is_revoked: row.revoked_at !== null,
  };
  return { state, invited_by, times_sent };
}
