import { createHash, randomBytes } from 'node:crypto';
import { type Role, rolesToInvite } from '../core/roles.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { normalizeEmail } from '../people/people.ts';
import { type MembersLimit, noRoom } from './member-limits.ts';
import { type LockedTeam, lockTeam } from './members.ts';
import { chargeAgain } from './super-admins.ts';
import { mailInvitation } from './team-mails.ts';

export const INVITATION_DAYS = 7;
const DAY_MILLISECONDS = 86_400_000;

export interface NewInvitation {
  /** Of a form that may be sent twice. */
  id: string;
  workspace_id: string;
  email: string;
  role: 'admin' | 'member';
  by: string;
  origin: Origin;
}

/** A link is shown to whoever sent it, this once; what is stored is its hash. */
export type Invited =
  | { outcome: 'sent'; path: string }
  | { outcome: 'refused'; sentence: string }
  | { outcome: 'twice' };

/**
 * Invites somebody by mail. With the first invitation a personal workspace becomes a team's.
 * @throws AppError 403 `role`
 */
export async function invite(
  trx: Trx,
  limitOf: MembersLimit,
  asked: NewInvitation,
): Promise<Invited> {
  const team = await lockTeam(trx, asked.workspace_id);
  mayInvite(team, asked.by, asked.role);
  const email_normalized = normalizeEmail(asked.email);
  const known = await knownAddress(trx, team, email_normalized);
  if (known === asked.id) return { outcome: 'twice' };
  if (known === 'member') {
    return { outcome: 'refused', sentence: 'Somebody with this address is a member already.' };
  }
  if (known !== undefined) {
    const sentence = 'This address is invited already. Send that invitation again, or revoke it.';
    return { outcome: 'refused', sentence };
  }
  const full = await noRoom(trx, team, limitOf, { withInvited: true });
  if (full !== undefined) return { outcome: 'refused', sentence: full };
  const { token, ...sent } = newToken();
  const { id, workspace_id, email, role, by } = asked;
  const row = { id, workspace_id, email, email_normalized, role, invited_by: by, ...sent };
  await trx.insertInto('invitations').values(row).execute();
  await becomeTeam(trx, team);
  const path = `/invitations/${token}`;
  await mailInvitation(trx, team, { ...row, times_sent: 1 }, path);
  await noteInvitation(trx, asked, 'invitation.sent', { role });
  return { outcome: 'sent', path };
}

/** Which invitation, and who does something about it. */
export interface Dealing {
  id: string;
  workspace_id: string;
  by: string;
  origin: Origin;
}

/**
 * Sends an open invitation again, with a new link that is good for as long as the first was: the
 * link of before opens nothing any more. Who sends it answers for it from now on.
 * @throws AppError 404, 403 `role`
 */
export async function resendInvitation(trx: Trx, deed: Dealing): Promise<{ path: string }> {
  const team = await lockTeam(trx, deed.workspace_id);
  const { role, email, times_sent } = await openInvitation(trx, deed);
  mayInvite(team, deed.by, role);
  const { token, ...sent } = newToken();
  const again = { invited_by: deed.by, times_sent: times_sent + 1, ...sent };
  await trx.updateTable('invitations').set(again).where('id', '=', deed.id).execute();
  const path = `/invitations/${token}`;
  await mailInvitation(trx, team, { id: deed.id, email, role, ...again }, path);
  await noteInvitation(trx, deed, 'invitation.sent_again', { role });
  return { path };
}

/** Ends an invitation that nobody has accepted. @throws AppError 404, 403 `role` */
export async function revokeInvitation(trx: Trx, deed: Dealing): Promise<void> {
  const team = await lockTeam(trx, deed.workspace_id);
  const { role } = await openInvitation(trx, deed);
  mayInvite(team, deed.by, role);
  await trx
    .updateTable('invitations')
    .set({ revoked_at: new Date() })
    .where('id', '=', deed.id)
    .execute();
  await noteInvitation(trx, deed, 'invitation.revoked', { role });
}

/** An invitation that nobody has accepted or revoked. @throws AppError 404 */
export async function openInvitation(
  trx: Trx,
  { id, workspace_id }: Pick<Dealing, 'id' | 'workspace_id'>,
) {
  const found = await trx
    .selectFrom('invitations')
    .select(['role', 'email', 'times_sent'])
    .where('id', '=', id)
    .where('workspace_id', '=', workspace_id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (found === undefined) throw notFound('invitation');
  return found;
}

/** Who has an address: a member, an open invitation by its id, or nobody. */
async function knownAddress(
  trx: Trx,
  { id, roles }: LockedTeam,
  email_normalized: string,
): Promise<string | undefined> {
  const person = await trx
    .selectFrom('people')
    .select('id')
    .where('email_normalized', '=', email_normalized)
    .executeTakeFirst();
  if (person !== undefined && roles.has(person.id)) return 'member';
  const open = await trx
    .selectFrom('invitations')
    .select('id')
    .where('workspace_id', '=', id)
    .where('email_normalized', '=', email_normalized)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return open?.id;
}

async function becomeTeam(trx: Trx, { id, kind }: LockedTeam): Promise<void> {
  if (kind !== 'personal') return;
  await trx.updateTable('workspaces').set({ kind: 'team' }).where('id', '=', id).execute();
  await chargeAgain(trx, id);
}

function mayInvite({ roles }: LockedTeam, by: string, role: Role): void {
  const mine = roles.get(by);
  if (mine === undefined) throw notFound('workspace');
  if (rolesToInvite(mine).includes(role)) return;
  throw new AppError(403, 'role', 'Owners and admins invite. Nobody was invited.');
}

function newToken() {
  const token = randomBytes(32).toString('base64url');
  const expires_at = new Date(Date.now() + INVITATION_DAYS * DAY_MILLISECONDS);
  return { token, token_hash: digestOf(token), expires_at };
}

/** What a token is kept as, so that the token itself is not. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Without the address: what is audited is kept for ever, an invitation need not be. */
export async function noteInvitation(
  trx: Trx,
  { id, workspace_id, by, origin }: Dealing,
  action: string,
  after: { role: Role },
): Promise<void> {
  await audit(trx, {
    ...{ workspace_id, action, after, origin },
    actor: { kind: 'person', id: by },
    subject: { kind: 'invitation', id },
  });
}
