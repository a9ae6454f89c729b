export const ROLES = ['owner', 'admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

/** Why somebody may not do something to a member. */
export type RoleRefusal = 'not_allowed' | 'last_owner' | 'not_oneself';

/** Who does something, to whom, and how many owners there are. */
export interface Dealing {
  by: Role;
  to: Role;
  oneself: boolean;
  owners: number;
}

/** Owners and admins manage a workspace, members use it. */
export function isManager(role: Role): boolean {
  return role !== 'member';
}

/** The roles that somebody may give and take: nobody one above the own. */
export function rolesInReach(by: Role): readonly Role[] {
  switch (by) {
    case 'owner':
      return ROLES;
    case 'admin':
      return ['admin', 'member'];
    case 'member':
      return [];
  }
}

/** What an invitation may make of somebody. Owners are made of members, not of strangers. */
export function rolesToInvite(by: Role): readonly Role[] {
  return rolesInReach(by).filter((role) => role !== 'owner');
}

/** Whether somebody may make a role of another one; undefined when so. */
export function refusalOfRole(
  { by, to, oneself, owners }: Dealing,
  role: Role,
): RoleRefusal | undefined {
  const reach = rolesInReach(by);
  if (!reach.includes(to) || !reach.includes(role)) return 'not_allowed';
  const leavesNone = to === 'owner' && role !== 'owner' && owners === 1;
  return leavesNone && oneself ? 'last_owner' : undefined;
}

/** Whether somebody may put another one out of the workspace; undefined when so. */
export function refusalOfRemoval({ by, to, oneself }: Dealing): RoleRefusal | undefined {
  if (oneself) return 'not_oneself';
  return rolesInReach(by).includes(to) ? undefined : 'not_allowed';
}

/** Whether somebody may leave; undefined when so. */
export function refusalOfLeaving({ to, owners }: Dealing): RoleRefusal | undefined {
  return to === 'owner' && owners === 1 ? 'last_owner' : undefined;
}

/** Whether somebody may hand the workspace over; undefined when so. */
export function refusalOfTransfer({ by, oneself }: Dealing): RoleRefusal | undefined {
  if (oneself) return 'not_oneself';
  return by === 'owner' ? undefined : 'not_allowed';
}

/** Whether one more fits into what a plan allows; it allows any number when it says none. */
export function hasRoom(places: number, membersMax: number | undefined): boolean {
  return membersMax === undefined || places < membersMax;
}

/** An invitation at a moment, as whoever holds its link meets it. */
export interface InvitationState {
  email_normalized: string;
  role: Role;
  /** Of who sent it, in the workspace now; undefined for who has left. */
  inviter_role: Role | undefined;
  is_expired: boolean;
  is_revoked: boolean;
  accepted_by: string | null;
}

/** Who holds the link of an invitation. */
export interface Invitee {
  id: string;
  email_normalized: string;
  is_member: boolean;
}

/** What comes of an invitation when somebody wants to accept it. */
export type Acceptance =
  'welcome' | 'there_already' | 'used' | 'revoked' | 'expired' | 'inviter_gone' | 'other_address';

/**
 * It lets in whoever has the address that it was sent to, once. What the sender might not promise
 * any more, it does not bring.
 */
export function acceptanceOf(invitation: InvitationState, invitee: Invitee): Acceptance {
  const { accepted_by, inviter_role, role } = invitation;
  if (accepted_by !== null) {
    return accepted_by === invitee.id && invitee.is_member ? 'there_already' : 'used';
  }
  if (invitation.is_revoked) return 'revoked';
  if (invitation.email_normalized !== invitee.email_normalized) return 'other_address';
  if (invitee.is_member) return 'there_already';
  if (invitation.is_expired) return 'expired';
  const stands = inviter_role !== undefined && rolesToInvite(inviter_role).includes(role);
  return stands ? 'welcome' : 'inviter_gone';
}
