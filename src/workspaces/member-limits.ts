import { hasRoom } from '../core/roles.ts';
import type { Trx } from '../lib/database.ts';
import type { LockedTeam } from './members.ts';

/** How many members the plan of a workspace has room for; undefined for any number. */
export type MembersLimit = (
  trx: Trx,
  workspaceId: string,
) => Promise<{ plan: string; members_max: number } | undefined>;

/** Why nobody else fits into the plan; undefined when somebody does. */
export async function noRoom(
  trx: Trx,
  { id, roles }: LockedTeam,
  limitOf: MembersLimit,
  { withInvited }: { withInvited: boolean },
): Promise<string | undefined> {
  const limit = await limitOf(trx, id);
  if (limit === undefined) return undefined;
  const invited = withInvited ? await countInvited(trx, id) : 0;
  if (hasRoom(roles.size + invited, limit.members_max)) return undefined;
  const { plan, members_max } = limit;
  const room = members_max === 1 ? 'one member' : `${members_max} members`;
  const there = invited === 0 ? `${roles.size} here` : `${roles.size} here, ${invited} invited`;
  return `The plan ${plan} has room for ${room}: ${there}. Nobody was added; an owner or admin can choose a larger plan.`;
}

/** Those who may still accept. */
async function countInvited(trx: Trx, workspaceId: string): Promise<number> {
  const { count } = await trx
    .selectFrom('invitations')
    .select((row) => row.fn.countAll().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', new Date())
    .executeTakeFirstOrThrow();
  return Number(count);
}
