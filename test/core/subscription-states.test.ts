import { expect, test } from 'vitest';
import {
  type SubscriptionStatus,
  isNews,
  statusOfStripe,
} from '../../src/core/subscription-states.ts';

test.for<[SubscriptionStatus, number | null, SubscriptionStatus, number, boolean]>([
  ['incomplete', null, 'active', 10, true],
  ['active', 10, 'past_due', 11, true],
  ['active', 10, 'past_due', 9, false],
  // Of one second: forwards, and not back to how subscriptions begin.
  ['incomplete', 10, 'active', 10, true],
  ['active', 10, 'incomplete', 10, false],
  ['active', 10, 'trialing', 10, false],
  ['past_due', 10, 'active', 10, true],
  // The end is for good, also when it is told late.
  ['cancelled', 10, 'active', 11, false],
  ['active', 10, 'cancelled', 9, true],
])('attack 40: %s since %s, told %s at %s: news? %s', ([status, told_at, told, at, news]) => {
  expect(isNews({ status, told_at }, { status: told, told_at: at })).toBe(news);
});

test("Stripe's words for states are read, and others are not guessed at", () => {
  expect(['incomplete_expired', 'unpaid', 'paused', 'canceled'].map(statusOfStripe)).toEqual([
    'cancelled',
    'past_due',
    'past_due',
    'cancelled',
  ]);
  expect(statusOfStripe('resting')).toBeUndefined();
});
