import { expect, test } from 'vitest';
import { STAFF_ROLES } from '../../src/core/staff-functions.ts';
import {
  type StaffLimits,
  limitOf,
  needsApproval,
  refusalOfDecision,
} from '../../src/core/staff-limits.ts';

const LIMITS: StaffLimits = {
  small_credits_micro: 100n,
  credits_micro: 1_000n,
  money_minor: { USD: 500n },
};

test('the small limit is for support and finance, the large one for admins, money is for all', () => {
  const credits = STAFF_ROLES.map((role) => limitOf(role, { currency: null }, LIMITS));
  expect(credits).toEqual([100n, 100n, 1_000n, 1_000n]);
  expect(limitOf('super_admin', { currency: 'USD' }, LIMITS)).toBe(500n);
  expect(limitOf('finance', { currency: 'JPY' }, LIMITS)).toBeUndefined();
  const open = { ...LIMITS, credits_micro: null };
  expect(limitOf('admin', { currency: null }, open)).toBeUndefined();
});

test('up to the limit nobody else is needed, and what was done within the day counts', () => {
  expect(needsApproval({ amount: 100n, done_in_day: 0n }, 100n)).toBe(false);
  expect(needsApproval({ amount: 101n, done_in_day: 0n }, 100n)).toBe(true);
  expect(needsApproval({ amount: 1n, done_in_day: 100n }, 100n)).toBe(true);
  expect(needsApproval({ amount: 10n ** 15n, done_in_day: 10n ** 15n }, undefined)).toBe(false);
});

test('a request is approved by another who may, while it waits and whoever asked may still ask', () => {
  const request = {
    kind: 'grant',
    is_waiting: true,
    is_expired: false,
    asked_by: 'mara',
    asker_role: 'support',
  } as const;
  const admin = { id: 'grace', role: 'admin' } as const;
  expect(refusalOfDecision('approve', admin, request)).toBeUndefined();
  expect(refusalOfDecision('approve', { ...admin, role: 'finance' }, request)).toBe('role');
  expect(refusalOfDecision('approve', { ...admin, id: 'mara' }, request)).toBe('own');
  expect(refusalOfDecision('approve', admin, { ...request, is_expired: true })).toBe('expired');
  expect(refusalOfDecision('refuse', admin, { ...request, is_expired: true })).toBeUndefined();
  expect(refusalOfDecision('approve', admin, { ...request, asker_role: null })).toBe('asker_left');
  expect(refusalOfDecision('refuse', admin, { ...request, is_waiting: false })).toBe('not_waiting');
  expect(refusalOfDecision('withdraw', admin, request)).toBe('not_own');
  const mara = { id: 'mara', role: null };
  expect(refusalOfDecision('withdraw', mara, request)).toBeUndefined();
});
