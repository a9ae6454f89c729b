import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf } from '../../src/core/instant.ts';
import {
  type PlanTerms,
  changeBetween,
  creditsOfPeriod,
  planPeriodAt,
  rolloverOf,
  upgradeCredits,
} from '../../src/core/plan-terms.ts';
import { tries } from '../support/properties.ts';

const CREDITS_PER_CENT = 700_000n;
const MONTH_SECONDS = 30n * 86_400n;
const YEAR_SECONDS = 365n * 86_400n;

/** A plan of a linear tariff: each cent buys as many credits, by the month or by the year. */
function plan(monthly: bigint, period: PlanTerms['period'] = 'month'): PlanTerms {
  return {
    plan_id: `plan ${monthly}`,
    credits_micro: monthly * CREDITS_PER_CENT,
    period,
    price_minor: monthly * (period === 'year' ? 12n : 1n),
    currency: 'USD',
  };
}

const [small, large] = [plan(2_800n), plan(6_000n)];
const half = { rest: MONTH_SECONDS / 2n, whole: MONTH_SECONDS };

describe('a period of a plan', () => {
  const at = (iso: string): bigint => instantOf(new Date(`${iso}Z`));
  test.for<[string, PlanTerms['period'], string, string, string]>([
    ['2026-01-31T10:00', 'month', '2026-01-31T10:00', '2026-01-31T10:00', '2026-02-28T10:00'],
    ['2026-01-31T10:00', 'month', '2026-02-28T09:59', '2026-01-31T10:00', '2026-02-28T10:00'],
    ['2026-01-31T10:00', 'month', '2026-03-05T00:00', '2026-02-28T10:00', '2026-03-31T10:00'],
    ['2026-01-31T10:00', 'month', '2027-03-31T10:00', '2027-03-31T10:00', '2027-04-30T10:00'],
    ['2024-02-29T00:00', 'year', '2025-02-28T00:00', '2025-02-28T00:00', '2026-02-28T00:00'],
    ['2024-02-29T00:00', 'year', '2028-12-01T00:00', '2028-02-29T00:00', '2029-02-28T00:00'],
  ])('that began %s, by the %s, is at %s from %s to %s', ([anchor, period, now, from, to]) => {
    const found = planPeriodAt(at(anchor), period, at(now));
    expect(found).toEqual({ starts_at: at(from), ends_at: at(to) });
  });

  test('follows the one before without a gap, whenever it is asked for', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.nat(5_000 * 86_400),
        fc.constantFrom<PlanTerms['period']>('month', 'year'),
        (begin, seconds, period) => {
          const anchor = instantOf(begin);
          const moment = anchor + BigInt(seconds) * 1_000_000n;
          const { starts_at, ends_at } = planPeriodAt(anchor, period, moment);
          expect(starts_at <= moment && moment < ends_at).toBe(true);
          expect(planPeriodAt(anchor, period, ends_at).starts_at).toBe(ends_at);
        },
      ),
      tries(300),
    );
  });

  test('of a year grants twelve months at once, and what is unlimited grants nothing', () => {
    expect(creditsOfPeriod(small)).toBe(small.credits_micro);
    expect(creditsOfPeriod(plan(2_800n, 'year'))).toBe(12n * (small.credits_micro ?? 0n));
    expect(creditsOfPeriod({ credits_micro: null, period: 'year' })).toBe(null);
  });

  test('rolls over what it left up to the cap, and nothing without one', () => {
    expect(rolloverOf(300n, 200n)).toBe(200n);
    expect(rolloverOf(100n, 200n)).toBe(100n);
    expect(rolloverOf(100n, null)).toBe(0n);
  });
});

describe('a change of plan', () => {
  test.for<[string, PlanTerms, PlanTerms, ReturnType<typeof changeBetween>]>([
    ['dearer', small, large, 'upgrade'],
    ['cheaper', large, small, 'downgrade'],
    ['to the year', large, plan(6_000n, 'year'), 'upgrade'],
    ['to the year of a smaller plan', large, plan(2_800n, 'year'), 'upgrade'],
    ['to a year for less than the month', large, plan(400n, 'year'), 'none'],
    ['to months', plan(2_800n, 'year'), large, 'after_the_year'],
    ['to another version of its price', small, { ...small, price_minor: 9n }, 'none'],
    ['to another currency', small, { ...large, currency: 'INR' }, 'other_currency'],
  ])('%s', ([, now, next, change]) => {
    expect(changeBetween(now, next)).toBe(change);
  });

  test('grants the difference for the rest of the period', () => {
    const difference = (large.credits_micro ?? 0n) - (small.credits_micro ?? 0n);
    expect(upgradeCredits(small, large, half, 1_600n)).toBe(difference / 2n);
  });

  test('grants as much less as was paid less, and nothing for nothing', () => {
    const difference = (large.credits_micro ?? 0n) - (small.credits_micro ?? 0n);
    expect(upgradeCredits(small, large, half, 800n)).toBe(difference / 4n);
    expect(upgradeCredits(small, large, half, 0n)).toBe(0n);
  });

  test('to the year grants the whole year less what the month had left', () => {
    const year = plan(2_800n, 'year');
    const left = (small.credits_micro ?? 0n) / 2n;
    expect(upgradeCredits(small, year, half, 99_999n)).toBe((creditsOfPeriod(year) ?? 0n) - left);
  });

  test('to unlimited grants no credits, and from unlimited those of the new plan', () => {
    const unlimited = { ...large, plan_id: 'unlimited', credits_micro: null };
    expect(upgradeCredits(small, unlimited, half, 1_600n)).toBe(null);
    const dearer = plan(9_000n);
    expect(upgradeCredits(unlimited, dearer, half, 1_500n)).toBe((dearer.credits_micro ?? 0n) / 2n);
  });
});

/** A subscription that is changed at will, paid for as Stripe prorates it: each line to the cent. */
class Tariff {
  now = plan(0n);
  next: PlanTerms | undefined;
  left = 0n;
  collected = 0n;
  granted = 0n;

  whole(): bigint {
    return this.now.period === 'year' ? YEAR_SECONDS : MONTH_SECONDS;
  }

  renew(): void {
    this.now = this.next ?? this.now;
    this.next = undefined;
    this.left = this.whole();
    this.collected += this.now.price_minor;
    this.granted += creditsOfPeriod(this.now) ?? 0n;
  }

  change(wanted: PlanTerms, percentPaid: bigint): void {
    const change = changeBetween(this.now, wanted);
    if (change === 'downgrade') this.next = wanted;
    // What was given up for later is taken back before anything else is chosen.
    if (change === 'none') this.next = undefined;
    if (change !== 'upgrade' || this.next !== undefined) return;
    const remaining = { rest: this.left, whole: this.whole() };
    const isSamePeriod = wanted.period === this.now.period;
    const bought = isSamePeriod ? remaining.rest : remaining.whole;
    const due =
      rounded(wanted.price_minor * bought, remaining.whole) -
      rounded(this.now.price_minor * remaining.rest, remaining.whole);
    const paid = (due * percentPaid) / 100n;
    this.collected += paid > 0n ? paid : 0n;
    this.granted += upgradeCredits(this.now, wanted, remaining, paid) ?? 0n;
    this.now = wanted;
    if (!isSamePeriod) this.left = this.whole();
  }
}

function rounded(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}

test('attack 48: up, down and up again, in any order and paid in any part, never grants more than was collected', () => {
  const step = fc.record({
    seconds: fc.bigInt({ min: 0n, max: YEAR_SECONDS / 3n }),
    monthly: fc.constantFrom(100n, 2_800n, 2_900n, 6_000n, 19_999n),
    period: fc.constantFrom<PlanTerms['period']>('month', 'month', 'year'),
    percent: fc.constantFrom(0n, 33n, 100n, 100n, 100n),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const tariff = new Tariff();
      for (const { seconds, monthly, period, percent } of steps) {
        tariff.left -= seconds;
        if (tariff.left <= 0n) {
          tariff.next ??= tariff.now.price_minor === 0n ? plan(monthly, period) : undefined;
          tariff.renew();
        } else {
          tariff.change(plan(monthly, period), percent);
        }
        expect(tariff.granted <= tariff.collected * CREDITS_PER_CENT).toBe(true);
      }
    }),
    tries(500),
  );
});
