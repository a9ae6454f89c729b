import { describe, expect, test } from 'vitest';
import {
  type InvitationState,
  ROLES,
  acceptanceOf,
  hasRoom,
  refusalOfLeaving,
  refusalOfRemoval,
  refusalOfRole,
  refusalOfTransfer,
  rolesToInvite,
} from '../../src/core/roles.ts';

const other = { oneself: false, owners: 2 };

describe('roles', () => {
  test.each([
    ['owner', ['admin', 'member']],
    ['admin', ['admin', 'member']],
    ['member', []],
  ] as const)('%s invites as %j', (by, roles) => {
    expect(rolesToInvite(by)).toEqual(roles);
  });

  test('nobody gives or takes a role above their own, and owners are made by owners only', () => {
    for (const to of ROLES) {
      for (const role of ROLES) {
        expect(refusalOfRole({ by: 'owner', to, ...other }, role)).toBeUndefined();
        expect(refusalOfRole({ by: 'member', to, ...other }, role)).toBe('not_allowed');
        const reached = to !== 'owner' && role !== 'owner';
        const admins = refusalOfRole({ by: 'admin', to, ...other }, role);
        expect(admins).toBe(reached ? undefined : 'not_allowed');
      }
    }
  });

  test('the last owner stays one and does not leave; one of two may', () => {
    const me = { by: 'owner', to: 'owner', oneself: true } as const;
    expect(refusalOfRole({ ...me, owners: 1 }, 'admin')).toBe('last_owner');
    expect(refusalOfRole({ ...me, owners: 1 }, 'owner')).toBeUndefined();
    expect(refusalOfRole({ ...me, owners: 2 }, 'member')).toBeUndefined();
    expect(refusalOfLeaving({ ...me, owners: 1 })).toBe('last_owner');
    expect(refusalOfLeaving({ ...me, owners: 2 })).toBeUndefined();
    expect(refusalOfLeaving({ by: 'admin', to: 'admin', oneself: true, owners: 1 })).toBe(
      undefined,
    );
  });

  test('removing reaches as far as the own role, and never oneself', () => {
    expect(refusalOfRemoval({ by: 'admin', to: 'owner', ...other })).toBe('not_allowed');
    expect(refusalOfRemoval({ by: 'admin', to: 'admin', ...other })).toBeUndefined();
    expect(refusalOfRemoval({ by: 'member', to: 'member', ...other })).toBe('not_allowed');
    expect(refusalOfRemoval({ by: 'owner', to: 'owner', oneself: true, owners: 2 })).toBe(
      'not_oneself',
    );
  });

  test('owners hand a workspace over to others', () => {
    expect(refusalOfTransfer({ by: 'owner', to: 'member', ...other })).toBeUndefined();
    expect(refusalOfTransfer({ by: 'admin', to: 'member', ...other })).toBe('not_allowed');
    expect(refusalOfTransfer({ by: 'owner', to: 'owner', oneself: true, owners: 1 })).toBe(
      'not_oneself',
    );
  });

  test('a plan that names a number of members has room for as many', () => {
    expect([hasRoom(4, 5), hasRoom(5, 5), hasRoom(6, 5), hasRoom(999, undefined)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('an invitation', () => {
  const open: InvitationState = {
    email_normalized: 'grace@example.com',
    role: 'member',
    inviter_role: 'admin',
    is_expired: false,
    is_revoked: false,
    accepted_by: null,
  };
  const grace = { id: 'grace', email_normalized: 'grace@example.com', is_member: false };
  test.each([
    ['lets its address in', {}, {}, 'welcome'],
    ['lets no other address in', {}, { email_normalized: 'eve@example.com' }, 'other_address'],
    [
      'does not say to others that it has expired',
      { is_expired: true },
      { email_normalized: 'eve@example.com' },
      'other_address',
    ],
    ['lets nobody in late', { is_expired: true }, {}, 'expired'],
    ['lets nobody in once it is revoked', { is_revoked: true }, {}, 'revoked'],
    ['lets in once', { accepted_by: 'grace' }, { is_member: true }, 'there_already'],
    ['does not let the same person in again', { accepted_by: 'grace' }, {}, 'used'],
    ['lets nobody else in after somebody', { accepted_by: 'eve' }, {}, 'used'],
    ['of somebody who has left is void', { inviter_role: undefined }, {}, 'inviter_gone'],
    [
      'of somebody who may not invite any more is void',
      { inviter_role: 'member' },
      {},
      'inviter_gone',
    ],
    ['to a member changes nothing', {}, { is_member: true }, 'there_already'],
  ] as const)('%s', (_name, state, invitee, acceptance) => {
    expect(acceptanceOf({ ...open, ...state }, { ...grace, ...invitee })).toBe(acceptance);
  });
});
