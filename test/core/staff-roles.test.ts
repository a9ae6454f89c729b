import { expect, test } from 'vitest';
import { refusalOfRoleChange, staffRolesInReach } from '../../src/core/staff-roles.ts';

const change = { by: 'admin', before: null, after: 'support', other_super_admins: 1 } as const;

test('admins give and take roles up to their own, others none', () => {
  expect(staffRolesInReach('finance')).toEqual([]);
  expect(staffRolesInReach('admin')).toEqual(['support', 'finance', 'admin']);
  expect(staffRolesInReach('super_admin')).toHaveLength(4);
  const refused = (one: Partial<Parameters<typeof refusalOfRoleChange>[0]>) =>
    refusalOfRoleChange({ ...change, verified: true, ...one });
  expect(refused({})).toBeUndefined();
  expect(refused({ by: 'finance' })).toBe('not_allowed');
  expect(refused({ by: null })).toBe('not_allowed');
  expect(refused({ after: 'super_admin' })).toBe('above_own');
  expect(refused({ before: 'super_admin', after: null })).toBe('above_own');
  expect(refused({ verified: false })).toBe('not_verified');
});

test('the last super admin stays one', () => {
  const last = { by: 'super_admin', before: 'super_admin', verified: false } as const;
  expect(refusalOfRoleChange({ ...last, after: null, other_super_admins: 0 })).toBe(
    'last_super_admin',
  );
  expect(refusalOfRoleChange({ ...last, after: null, other_super_admins: 1 })).toBeUndefined();
});
