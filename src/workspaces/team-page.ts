import { type Role, isManager, rolesToInvite } from '../core/roles.ts';
import type { Trx } from '../lib/database.ts';
import { type MemberBudget, budgetsOfMember, budgetsOfMembers } from './member-budgets.ts';
import { goodKeysOf } from './members.ts';
import type { MemberWorkspace } from './workspaces.ts';

/** More than these are not shown at once; owners come first. */
const MEMBERS_SHOWN = 500;
const INVITATIONS_SHOWN = 200;

export const ROLE_WORDS: Record<Role, { label: string; may: string }> = {
  owner: { label: 'Owner', may: 'Everything, and decides who else owns the workspace' },
  admin: { label: 'Admin', may: 'Buys, invites, sets budgets, and makes keys' },
  member: { label: 'Member', may: 'Uses credits, and sees the history' },
};

/** What the page of a team shows to one of its members. */
export async function teamPage(trx: Trx, workspace: MemberWorkspace, personId: string) {
  const manages = isManager(workspace.role);
  const rows = await membersQuery(trx, workspace.id).limit(MEMBERS_SHOWN).execute();
  const budgets = await budgetsOfMembers(trx, workspace.id);
  const members = rows.map((row) => {
    const seen = manages || row.id === personId;
    return shownMember(row, workspace, seen ? (budgets.get(row.id) ?? []) : [], personId);
  });
  const roles = new Map(rows.map(({ id, role }) => [id, role]));
  return {
    members,
    is_manager: manages,
    is_last_owner: workspace.role === 'owner' && ownersOf(rows) === 1,
    invitations: manages ? await invitationsOf(trx, workspace, roles) : [],
    invitable: rolesToInvite(workspace.role).map((role) => ({ role, ...ROLE_WORDS[role] })),
  };
}

/** One member as the page about them shows it; undefined for nobody of this workspace. */
export async function memberPage(
  trx: Trx,
  workspace: MemberWorkspace,
  who: { id: string; asked_by: string },
) {
  const rows = await membersQuery(trx, workspace.id).execute();
  const row = rows.find(({ id }) => id === who.id);
  if (row === undefined) return undefined;
  const budgets = await budgetsOfMember(trx, workspace.id, row.id);
  return {
    member: shownMember(row, workspace, budgets, who.asked_by),
    keys: isManager(row.role) ? await goodKeysOf(trx, workspace.id, row.id) : [],
    owners: ownersOf(rows),
  };
}

export type ShownMember = ReturnType<typeof shownMember>;

function membersQuery(trx: Trx, workspaceId: string) {
  return trx
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .leftJoin('people as i', 'i.id', 'm.invited_by')
    .select(['p.id', 'p.name', 'p.email', 'p.deactivated_at', 'm.role', 'm.created_at'])
    .select('i.name as invited_by')
    .where('m.workspace_id', '=', workspaceId)
    .orderBy((row) => row.case().when('m.role', '=', 'owner').then(0).else(1).end())
    .orderBy('p.name')
    .orderBy('p.id');
}

type StoredMember = Awaited<ReturnType<ReturnType<typeof membersQuery>['execute']>>[number];

function shownMember(
  row: StoredMember,
  { base }: MemberWorkspace,
  budgets: readonly MemberBudget[],
  askedBy: string,
) {
  const { id, name, email, role, created_at } = row;
  return {
    ...{ id, name, email, role, created_at, budgets },
    href: `${base}/team/members/${id}`,
    role_label: ROLE_WORDS[role].label,
    role_may: ROLE_WORDS[role].may,
    invited_by: row.invited_by ?? undefined,
    is_deactivated: row.deactivated_at !== null,
    is_you: id === askedBy,
  };
}

function ownersOf(rows: readonly StoredMember[]): number {
  return rows.filter((row) => row.role === 'owner' && row.deactivated_at === null).length;
}

/** Those that wait for somebody, the newest first. */
async function invitationsOf(trx: Trx, { id }: MemberWorkspace, roles: ReadonlyMap<string, Role>) {
  const rows = await trx
    .selectFrom('invitations as i')
    .innerJoin('people as p', 'p.id', 'i.invited_by')
    .select(['i.id', 'i.email', 'i.role', 'i.expires_at', 'i.invited_by', 'p.name as by'])
    .where('i.workspace_id', '=', id)
    .where('i.accepted_at', 'is', null)
    .where('i.revoked_at', 'is', null)
    .orderBy('i.id', 'desc')
    .limit(INVITATIONS_SHOWN)
    .execute();
  return rows.map(({ invited_by, ...row }) => {
    const inviter = roles.get(invited_by);
    const isExpired = row.expires_at.getTime() <= Date.now();
    const isVoid = inviter === undefined || !rolesToInvite(inviter).includes(row.role);
    return {
      ...row,
      role_label: ROLE_WORDS[row.role].label,
      state: isExpired ? 'expired' : isVoid ? 'void' : 'open',
    };
  });
}
