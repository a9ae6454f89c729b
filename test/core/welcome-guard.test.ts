import { describe, expect, test } from 'vitest';
import {
  type WelcomeClaim,
  addressBlockOf,
  judgeWelcome,
  mailboxOf,
} from '../../src/core/welcome-guard.ts';

const GUARD = { verified_address: true, accounts_a_day_from_block: 3 };
const GOOD: WelcomeClaim = {
  verified: true,
  known: undefined,
  throw_away: false,
  others_from_block: 0,
  budget_left_micro: undefined,
  amount_micro: 50n,
};

describe('the welcome guard', () => {
  test.each<[string, Partial<WelcomeClaim>, object]>([
    ['gives to who verified', {}, { state: 'granted' }],
    ['waits for who did not', { verified: false }, { state: 'waiting' }],
    [
      'refuses a mailbox that had them',
      { known: 'mailbox' },
      { state: 'refused', reason: 'mailbox' },
    ],
    [
      'refuses a Google account that had them',
      { known: 'google' },
      { state: 'refused', reason: 'google' },
    ],
    [
      'looks at throw-away addresses',
      { throw_away: true },
      { state: 'review', reason: 'throw_away' },
    ],
    [
      'looks at the fourth from a block',
      { others_from_block: 3 },
      { state: 'review', reason: 'block' },
    ],
    ['gives the last of the budget', { budget_left_micro: 50n }, { state: 'granted' }],
    [
      'stops when the budget is used',
      { budget_left_micro: 49n },
      { state: 'review', reason: 'budget' },
    ],
  ])('%s', (_what, changes, verdict) => {
    expect(judgeWelcome({ ...GOOD, ...changes }, GUARD)).toEqual(verdict);
  });

  test('gives at once where no address has to be verified', () => {
    const guard = { ...GUARD, verified_address: false };
    expect(judgeWelcome({ ...GOOD, verified: false }, guard)).toEqual({ state: 'granted' });
  });
});

describe('a mailbox', () => {
  test.each([
    ['Ada.Byron+trial@GMail.com', 'adabyron@gmail.com'],
    ['ada.byron@googlemail.com', 'adabyron@gmail.com'],
    ['Ada.Byron+2@example.com', 'ada.byron@example.com'],
    ['"a@b"@example.com', '"a@b"@example.com'],
  ])('of %s is %s', (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox);
  });
});

describe('an address block', () => {
  test.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:0db8:0001:2::9', '2001:db8:1::/48'],
    ['2001:db8::9', '2001:db8:0::/48'],
    ['127.0.0.1', undefined],
    ['10.1.2.3', undefined],
    ['172.31.0.1', undefined],
    ['172.32.0.1', '172.32.0.0/24'],
    ['192.168.1.1', undefined],
    ['::1', undefined],
    ['fd00::1', undefined],
    ['', undefined],
  ])('of %s is %s', (ip, block) => {
    expect(addressBlockOf(ip)).toBe(block);
  });
});
