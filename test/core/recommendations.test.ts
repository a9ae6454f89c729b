import { describe, expect, test } from 'vitest';
import type { Forecast, SpendableLot } from '../../src/core/forecasts.ts';
import {
  type Offers,
  type PackageOffer,
  type Situation,
  recommend,
} from '../../src/core/recommendations.ts';

const CREDIT = 1_000_000n;
const sold = (name: string, credits: bigint, price_minor: bigint): PackageOffer => ({
  ...{ code: name.toLowerCase(), name, credits_micro: credits * CREDIT, price_minor },
  ...{ currency: 'USD', expires_after_days: 365 },
});
const starter = sold('Starter', 100n, 1_000n);
const professional = sold('Professional', 550n, 4_500n);
const business = sold('Business', 1_150n, 8_000n);
const team = {
  ...{ code: 'team', name: 'Team', credits_micro: 400n * CREDIT },
  ...{ price_minor: 2_800n, currency: 'USD' },
};

const offers: Offers = {
  packages: [starter, professional, business],
  plans: [],
  last_bought: professional,
  purchases: 1,
  plan: undefined,
  auto_top_up: 'off',
};
const rate = { spent_micro: 397_600_000n, days: 28 };
const gift: SpendableLot = { available_micro: 6n * CREDIT, expires_at: 1n, operations: null };
const lasting = (day: number): Extract<Forecast, { kind: 'runs_out' }> => {
  return { kind: 'runs_out', rate, day, earliest: day, latest: day, by: 'use', unused: [] };
};

function situation(change: Partial<Situation<SpendableLot>>, offer: Partial<Offers> = {}) {
  return {
    ...({ level: 'healthy', debt_micro: 0n, rate, forecast: lasting(40), may_use: true } as const),
    ...{ days_until: () => 9, offers: { ...offers, ...offer } },
    ...change,
  };
}

describe('L10 what is recommended', () => {
  test('is the package that is used up within a quarter and costs least, before the day', () => {
    expect(recommend(situation({ level: 'low', forecast: lasting(6) }))).toEqual({
      ...{ kind: 'buy', package: business, before_day: 6, lasts_days: 81 },
      saving: { percent: 15n, than: 'Professional' },
    });
  });

  test('is a smaller package at a smaller rate, which the larger ones would outlast', () => {
    const slow = { spent_micro: 28n * CREDIT, days: 28 };
    const few = recommend(situation({ level: 'low', rate: slow, forecast: lasting(6) }));
    expect(few).toMatchObject({ kind: 'buy', package: starter });
  });

  test('is what was bought last while too little is known, and then only when little is left', () => {
    const unknown = { rate: undefined, forecast: { kind: 'too_early', days: 1 } } as const;
    expect(recommend(situation({ level: 'low', ...unknown }))).toMatchObject({
      ...{ kind: 'buy', package: professional, lasts_days: undefined, saving: undefined },
    });
    expect(recommend(situation(unknown))).toBeUndefined();
  });

  test('is nothing to buy when what is low lasts for months, or comes by itself', () => {
    const low = situation({ level: 'low' });
    expect(recommend(low)).toBeUndefined();
    const soon = { level: 'low', forecast: lasting(6) } as const;
    expect(recommend(situation(soon, { auto_top_up: 'on' }))).toBeUndefined();
    const plan = { ...team, renews_in_days: 6 };
    expect(recommend(situation(soon, { plan }))).toBeUndefined();
    expect(recommend(situation(soon, { plan: { ...plan, renews_in_days: 7 } }))).toBeDefined();
    expect(recommend(situation({ ...soon, level: 'empty' }, { plan }))).toBeDefined();
  });

  test('is a package that covers what is owed, or the largest', () => {
    const owing = (credits: bigint) =>
      recommend(situation({ level: 'debt', debt_micro: credits * CREDIT, rate: undefined }));
    expect(owing(120n)).toMatchObject({ kind: 'repay', package: professional });
    expect(owing(9_000n)).toMatchObject({ kind: 'repay', package: business });
  });

  test('is to use what would expire within a month, where it can be used', () => {
    const forecast = { ...lasting(40), unused: [{ lot: gift, unused_micro: 4n * CREDIT }] };
    const use = { kind: 'use', lot: gift, unused_micro: 4n * CREDIT };
    expect(recommend(situation({ forecast }))).toEqual(use);
    expect(recommend(situation({ forecast, days_until: () => 31 }))).toBeUndefined();
    expect(recommend(situation({ forecast, may_use: false }))).toBeUndefined();
  });

  test('is auto top-up after the third purchase in a month, where it is offered and off', () => {
    const after = (purchases: number, auto_top_up: Offers['auto_top_up']) =>
      recommend(situation({}, { purchases, auto_top_up }));
    expect(after(3, 'off')).toEqual({ kind: 'auto_top_up', purchases: 3 });
    expect([after(2, 'off'), after(3, 'on'), after(3, 'not_offered')]).toEqual(Array(3));
  });

  test('is a plan that costs less than the packages of a month, by 5 % at least', () => {
    // 426 credits at $0.0696 are $29.63; Team and 26 credits more are $29.80.
    expect(recommend(situation({}, { plans: [team] }))).toBeUndefined();
    const cheap = { ...team, price_minor: 2_500n };
    expect(recommend(situation({}, { plans: [team, cheap] }))).toEqual({
      ...{ kind: 'plan', plan: cheap, uses_micro: 426n * CREDIT },
      ...{ costs_minor: 2_963n, saves_percent: 9n },
    });
    const short = { ...rate, days: 13 };
    expect(recommend(situation({ rate: short }, { plans: [cheap] }))).toBeUndefined();
  });

  test('is nothing while nothing can be spent, or all of it is free', () => {
    expect(recommend(situation({ level: 'frozen' }, { purchases: 9 }))).toBeUndefined();
    expect(recommend(situation({ level: 'unlimited' }, { purchases: 9 }))).toBeUndefined();
    const none = situation({ level: 'empty' }, { packages: [], auto_top_up: 'not_offered' });
    expect(recommend(none)).toBeUndefined();
  });
});
