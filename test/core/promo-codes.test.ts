import { describe, expect, test } from 'vitest';
import {
  type PromoTerms,
  type PromoWish,
  type WantedPlan,
  promoCodeOf,
  promoCredits,
  promoFault,
} from '../../src/core/promo-codes.ts';

const START = new Date('2026-12-01T00:00:00Z');
const END = new Date('2027-01-01T00:00:00Z');
const MIDDLE = new Date('2026-12-10T00:00:00Z');
const TERMS: PromoTerms = {
  kind: 'purchase',
  credits: 50_000_000n,
  percent: null,
  packages: ['business'],
  plans: null,
  first_purchase_only: true,
  starts_at: START,
  ends_at: END,
  total_limit: 3,
  person_limit: 2,
  active: true,
};
const UNUSED = { taken: 0, redeemed_by_you: 0, reserved_by_you: 0, bought_before: false };
const BUY: PromoWish = { kind: 'purchase', package: 'business' };
const OF_PLANS: PromoTerms = { ...TERMS, kind: 'plan', packages: null, plans: ['team'] };
const TEAM = { code: 'team', price_minor: 2_800n, period_micro: 100_000_000n };
const begin = (plan: WantedPlan | undefined): PromoWish => ({ kind: 'plan', plan });

test('a promo code is read in any case, and nothing else is one', () => {
  expect(promoCodeOf(' autumn-26 ')).toBe('AUTUMN-26');
  for (const text of ['', 'AB', '-AB', 'A B C', 'AUTUMN!', 'É'.repeat(5), 'A'.repeat(41)]) {
    expect(promoCodeOf(text)).toBeUndefined();
  }
});

describe('whether a promo code can be used', () => {
  test.each([
    ['a moment before it begins', new Date(START.getTime() - 1), 'not_yet'],
    ['when it begins', START, undefined],
    ['a moment before its end', new Date(END.getTime() - 1), undefined],
    ['at its end, as if there were none', END, 'unknown'],
  ])('its window: %s', (_name, now, fault) => {
    expect(promoFault(TERMS, UNUSED, BUY, now)).toBe(fault);
  });

  test.each([
    ['stopped, as if there were none', { active: false }, {}, {}, 'unknown'],
    ['used up by all', {}, { taken: 3 }, {}, 'used_up'],
    ['the last place', {}, { taken: 2 }, {}, undefined],
    ['used by you', {}, { taken: 2, redeemed_by_you: 2 }, {}, 'used_by_you'],
    ['used by you and over', { ends_at: START }, { redeemed_by_you: 2 }, {}, 'used_by_you'],
    ['held by you', {}, { redeemed_by_you: 1, reserved_by_you: 1 }, {}, 'held_by_your_order'],
    ['for another package', {}, {}, { package: 'own' }, 'not_for_package'],
    ['for all packages', { packages: null }, {}, { package: 'own' }, undefined],
    ['not the first purchase', {}, { bought_before: true }, {}, 'not_first_purchase'],
    ['any purchase', { first_purchase_only: false }, { bought_before: true }, {}, undefined],
  ])('one %s', (_name, terms, uses, wish, fault) => {
    const asked = { ...BUY, ...wish };
    expect(promoFault({ ...TERMS, ...terms }, { ...UNUSED, ...uses }, asked, MIDDLE)).toBe(fault);
  });

  test('for what it is not meant', () => {
    expect(promoFault(TERMS, UNUSED, { kind: 'grant' }, MIDDLE)).toBe('for_purchases');
    const grant: PromoTerms = { ...TERMS, kind: 'grant', packages: null };
    expect(promoFault(grant, UNUSED, BUY, MIDDLE)).toBe('gives_at_once');
    expect(promoFault(OF_PLANS, UNUSED, BUY, MIDDLE)).toBe('for_plans');
    expect(promoFault(TERMS, UNUSED, begin(TEAM), MIDDLE)).toBe('for_purchases');
  });

  test.each([
    ['a plan of its own', {}, TEAM, undefined],
    ['any, when none is chosen', {}, undefined, undefined],
    ['another plan', { plans: ['solo'] }, TEAM, 'not_for_plan'],
    ['a plan for free, which is never paid', {}, { ...TEAM, price_minor: 0n }, 'not_for_plan'],
    ['an unlimited plan', {}, { ...TEAM, period_micro: null }, undefined],
    [
      'a percentage of an unlimited plan',
      { credits: null, percent: 10 },
      { ...TEAM, period_micro: null },
      'not_for_plan',
    ],
  ])('of plans: for %s', (_name, terms, plan, fault) => {
    expect(promoFault({ ...OF_PLANS, ...terms }, UNUSED, begin(plan), MIDDLE)).toBe(fault);
  });
});

test('a share of the bought credits is rounded down to the micro-credit', () => {
  expect(promoCredits({ credits: null, percent: 15 }, 333n)).toBe(49n);
  expect(promoCredits({ credits: 7n, percent: null }, 333n)).toBe(7n);
});
