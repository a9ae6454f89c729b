import {
  type Dealing,
  type Role,
  type RoleRefusal,
  refusalOfLeaving,
  refusalOfRemoval,
  refusalOfRole,
  refusalOfTransfer,
} from '../core/roles.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { revokeApiKey } from './api-keys.ts';
import { mailOwnership, mailRemoved } from './team-mails.ts';

/** A workspace with the roles of its members, as long as the transaction lasts. */
export interface LockedTeam {
  id: string;
  name: string;
  slug: string;
  kind: 'personal' | 'team' | 'external';
  roles: ReadonlyMap<string, Role>;
  /** Those who can still sign in. */
  owners: number;
}

/** Who does something to a member, and where from. */
export interface Deed {
  workspace_id: string;
  by: string;
  to: string;
  origin: Origin;
}

/**
 * Locks the workspace's row and reads who belongs to it: whatever changes members and invitations
 * goes one after the other, so that the last owner cannot go twice and the last place is taken once.
 */
export async function lockTeam(trx: Trx, workspaceId: string): Promise<LockedTeam> {
  const workspace = await trx
    .selectFrom('workspaces')
    .select(['id', 'name', 'slug', 'kind'])
    .where('id', '=', workspaceId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const members = await trx
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .select(['m.person_id', 'm.role', 'p.deactivated_at'])
    .where('m.workspace_id', '=', workspaceId)
    .execute();
  const owners = members.filter((one) => one.role === 'owner' && one.deactivated_at === null);
  const roles = new Map(members.map(({ person_id, role }) => [person_id, role]));
  return { ...workspace, roles, owners: owners.length };
}

/** Gives a member another role. @throws AppError 404, 403 `role`, 403 `last_owner` */
export async function changeRole(trx: Trx, deed: Deed, role: Role): Promise<void> {
  const { dealing } = await dealingOf(trx, deed);
  refuse(refusalOfRole(dealing, role));
  if (dealing.to === role) return;
  await setRole(trx, deed, role);
  await note(trx, deed, 'member.role_changed', { role: dealing.to }, { role });
}

/**
 * Makes a member an owner in place of the one who asks, who stays as an admin. Both are told.
 * @throws AppError 404, 403 `role`
 */
export async function transferOwnership(trx: Trx, deed: Deed): Promise<void> {
  const { team, dealing } = await dealingOf(trx, deed);
  refuse(refusalOfTransfer(dealing));
  await setRole(trx, deed, 'owner');
  await setRole(trx, { ...deed, to: deed.by }, 'admin');
  await note(trx, deed, 'workspace.ownership_transferred', { role: dealing.to }, { role: 'owner' });
  await mailOwnership(trx, team, deed);
}

/**
 * Takes a member out: from the next request on they see nothing of the workspace. The keys that they
 * made stay the workspace's unless they are to be revoked; budgets are kept, should they come back.
 * @throws AppError 404, 403 `role`
 */
export async function removeMember(trx: Trx, deed: Deed, revokeKeys: boolean): Promise<void> {
  const { team, dealing } = await dealingOf(trx, deed);
  refuse(refusalOfRemoval(dealing));
  await endMembership(trx, deed);
  const keys = revokeKeys ? await revokeKeysOf(trx, deed) : 0;
  await note(trx, deed, 'member.removed', { role: dealing.to }, { keys_revoked: keys });
  await mailRemoved(trx, team, deed);
}

/** Ends one's own membership. @throws AppError 403 `last_owner` */
export async function leave(trx: Trx, deed: Deed): Promise<void> {
  const { dealing } = await dealingOf(trx, deed);
  refuse(refusalOfLeaving(dealing));
  await endMembership(trx, deed);
  await note(trx, deed, 'member.left', { role: dealing.to });
}

/** The keys that a member made and that are good still. */
export async function goodKeysOf(
  trx: Trx,
  workspaceId: string,
  personId: string,
): Promise<{ id: string; name: string; prefix: string }[]> {
  return trx
    .selectFrom('api_keys')
    .select(['id', 'name', 'prefix'])
    .where('workspace_id', '=', workspaceId)
    .where('created_by', '=', personId)
    .where('revoked_at', 'is', null)
    .where((where) =>
      where.or([where('expires_at', 'is', null), where('expires_at', '>', new Date())]),
    )
    .orderBy('id')
    .execute();
}

async function dealingOf(
  trx: Trx,
  { workspace_id, by, to }: Deed,
): Promise<{ team: LockedTeam; dealing: Dealing }> {
  const team = await lockTeam(trx, workspace_id);
  const [mine, theirs] = [team.roles.get(by), team.roles.get(to)];
  if (mine === undefined) throw notFound('workspace');
  if (theirs === undefined) throw notFound('member');
  return { team, dealing: { by: mine, to: theirs, oneself: by === to, owners: team.owners } };
}

const REFUSALS: Record<RoleRefusal, string> = {
  not_allowed: 'Your role in this workspace does not reach as far. Nothing was changed.',
  last_owner:
    'A workspace has one owner at least. Make somebody else an owner first; nothing was changed.',
  not_oneself: 'This is for others: nobody does it to themselves. Nothing was changed.',
};

function refuse(refusal: RoleRefusal | undefined): void {
  if (refusal === undefined) return;
  const code = refusal === 'last_owner' ? 'last_owner' : 'role';
  throw new AppError(403, code, REFUSALS[refusal]);
}

async function setRole(trx: Trx, { workspace_id, to }: Deed, role: Role): Promise<void> {
  await trx
    .updateTable('memberships')
    .set({ role })
    .where('workspace_id', '=', workspace_id)
    .where('person_id', '=', to)
    .execute();
}

async function endMembership(trx: Trx, { workspace_id, to }: Deed): Promise<void> {
  await trx
    .deleteFrom('memberships')
    .where('workspace_id', '=', workspace_id)
    .where('person_id', '=', to)
    .execute();
}

async function revokeKeysOf(trx: Trx, { workspace_id, by, to, origin }: Deed): Promise<number> {
  const keys = await goodKeysOf(trx, workspace_id, to);
  for (const { prefix } of keys) await revokeApiKey(trx, { prefix, revoked_by: by, origin });
  return keys.length;
}

async function note(
  trx: Trx,
  { workspace_id, by, to, origin }: Deed,
  action: string,
  before: Record<string, unknown>,
  after?: Record<string, unknown>,
): Promise<void> {
  await audit(trx, {
    ...{ workspace_id, action, origin, before },
    ...(after === undefined ? {} : { after }),
    actor: { kind: 'person', id: by },
    subject: { kind: 'person', id: to },
  });
}
