import { type BurnRate, daysThatLast } from './burn-rates.ts';
import { MICRO_PER_CREDIT } from './credits.ts';
import type { Forecast, SpendableLot } from './forecasts.ts';
import type { Level } from './levels.ts';

/** Credits sold once, with their bonus. */
export interface PackageOffer {
  code: string;
  name: string;
  credits_micro: bigint;
  price_minor: bigint;
  currency: string;
  expires_after_days: number | null;
}

/** Credits each month, null for unlimited use, at a price each month. */
export interface PlanOffer {
  code: string;
  name: string;
  credits_micro: bigint | null;
  price_minor: bigint;
  currency: string;
}

/** What can be bought here, and what was. Empty lists where something is not for who reads. */
export interface Offers {
  packages: readonly PackageOffer[];
  plans: readonly PlanOffer[];
  last_bought: PackageOffer | undefined;
  /** Purchases of packages in the last 30 days, without those by auto top-up. */
  purchases: number;
  /** The plan that the workspace is on, and in how many days it brings credits again, if it does. */
  plan: (PlanOffer & { renews_in_days: number | undefined }) | undefined;
  auto_top_up: 'on' | 'off' | 'not_offered';
}

export interface Situation<Lot extends SpendableLot> {
  level: Level;
  debt_micro: bigint;
  rate: BurnRate | undefined;
  forecast: Forecast<Lot>;
  /** Whether whoever reads can spend credits on a page. */
  may_use: boolean;
  /** Days from today in which a lot expires. */
  days_until: (lot: Lot) => number;
  offers: Offers;
}

export type Recommendation<Lot> =
  | {
      kind: 'buy';
      package: PackageOffer;
      /** Days from today by when; undefined when it is time now. */
      before_day: number | undefined;
      /** For how many days its credits are enough, where that is known. */
      lasts_days: number | undefined;
      saving: Saving | undefined;
    }
  | { kind: 'repay'; package: PackageOffer; debt_micro: bigint }
  | { kind: 'use'; lot: Lot; unused_micro: bigint }
  | { kind: 'auto_top_up'; purchases: number }
  | {
      kind: 'plan';
      plan: PlanOffer;
      /** What is used in 30 days at the current rate, and what that costs as it is bought now. */
      uses_micro: bigint;
      costs_minor: bigint;
      saves_percent: bigint;
    };

/** A package is so many per cent cheaper a credit than another one, rounded to the nearest. */
export interface Saving {
  percent: bigint;
  than: string;
}

export const PURCHASES_DAYS = 30;
const PURCHASES_LEAST = 3;
/** Nobody is asked to buy what is not gone by then. */
const BUY_WITHIN_DAYS = 14;
/** Nor to buy for much longer than a quarter. */
const LASTS_DAYS_MOST = 92;
const USE_WITHIN_DAYS = 30;
const UNUSED_LEAST = MICRO_PER_CREDIT;
const MONTH_DAYS = 30n;
/** A plan is for longer, so it takes two weeks to see whether it is worth it. */
const PLAN_HISTORY_DAYS = 14;
const PLAN_SAVES_PERCENT_LEAST = 5n;

/** The one thing that helps most now, if anything does. */
export function recommend<Lot extends SpendableLot>(
  situation: Situation<Lot>,
): Recommendation<Lot> | undefined {
  if (situation.level === 'frozen' || situation.level === 'unlimited') return undefined;
  return (
    toRepay(situation) ??
    toBuy(situation) ??
    toUse(situation) ??
    toTopUp(situation) ??
    toSubscribe(situation)
  );
}

function toRepay<Lot extends SpendableLot>(
  situation: Situation<Lot>,
): Recommendation<Lot> | undefined {
  const { level, debt_micro, offers } = situation;
  if (level !== 'debt') return undefined;
  const enough = offers.packages.filter(({ credits_micro }) => credits_micro > debt_micro);
  const [most] = offers.packages.toSorted((one, other) =>
    ascending(other.credits_micro, one.credits_micro),
  );
  const chosen = choosePackage({ ...offers, packages: enough }, situation.rate) ?? most;
  return chosen && { kind: 'repay', package: chosen, debt_micro };
}

function toBuy<Lot extends SpendableLot>({
  level,
  rate,
  forecast,
  offers,
}: Situation<Lot>): Recommendation<Lot> | undefined {
  const isOver = level === 'empty';
  const day = forecast.kind === 'runs_out' && forecast.by === 'use' ? forecast.day : undefined;
  const isSoon = day === undefined ? isShort(level) && rate === undefined : day <= BUY_WITHIN_DAYS;
  if (!isOver && !isSoon) return undefined;
  if (!isOver && (offers.auto_top_up === 'on' || isRenewedBy(offers, day))) return undefined;
  const chosen = choosePackage(offers, rate);
  if (chosen === undefined) return undefined;
  return {
    kind: 'buy',
    package: chosen,
    before_day: isOver ? undefined : day,
    lasts_days: rate && daysThatLast(chosen.credits_micro, rate),
    saving: savingOf(chosen, offers.last_bought),
  };
}

function isShort(level: Level): boolean {
  return level === 'low' || level === 'critical';
}

/** The plan's next credits come before the last ones are gone. */
function isRenewedBy({ plan }: Offers, day: number | undefined): boolean {
  const renews = plan?.renews_in_days;
  return renews !== undefined && day !== undefined && renews <= day;
}

/** What comes to expire first and would be left over. */
function toUse<Lot extends SpendableLot>(
  situation: Situation<Lot>,
): Recommendation<Lot> | undefined {
  const { forecast, may_use, days_until } = situation;
  if (!may_use || !('unused' in forecast)) return undefined;
  const [first] = forecast.unused
    .filter(({ unused_micro }) => unused_micro >= UNUSED_LEAST)
    .toSorted((one, other) => days_until(one.lot) - days_until(other.lot));
  if (first === undefined || days_until(first.lot) > USE_WITHIN_DAYS) return undefined;
  return { kind: 'use', ...first };
}

function toTopUp<Lot extends SpendableLot>({
  offers: { auto_top_up, purchases },
}: Situation<Lot>): Recommendation<Lot> | undefined {
  if (auto_top_up !== 'off' || purchases < PURCHASES_LEAST) return undefined;
  return { kind: 'auto_top_up', purchases };
}

/** A plan that costs less than what is used is bought for now, with the plan there is if there is one. */
function toSubscribe<Lot extends SpendableLot>({
  rate,
  offers,
}: Situation<Lot>): Recommendation<Lot> | undefined {
  const bought = choosePackage(offers, rate);
  if (rate === undefined || rate.days < PLAN_HISTORY_DAYS || bought === undefined) return undefined;
  const uses_micro = (rate.spent_micro * MONTH_DAYS) / BigInt(rate.days);
  const costWith = ({
    credits_micro,
    price_minor,
  }: Pick<PlanOffer, 'credits_micro' | 'price_minor'>) => {
    const more =
      credits_micro === null || uses_micro < credits_micro ? 0n : uses_micro - credits_micro;
    return price_minor + (more * bought.price_minor) / bought.credits_micro;
  };
  const costs_minor = costWith(offers.plan ?? { credits_micro: 0n, price_minor: 0n });
  const [best] = offers.plans
    .filter(({ code, currency }) => code !== offers.plan?.code && currency === bought.currency)
    .map((plan) => ({ plan, cost: costWith(plan) }))
    .toSorted((one, other) => ascending(one.cost, other.cost));
  if (best === undefined || costs_minor <= 0n) return undefined;
  const saves_percent = ((costs_minor - best.cost) * 100n) / costs_minor;
  if (saves_percent < PLAN_SAVES_PERCENT_LEAST) return undefined;
  return { kind: 'plan', plan: best.plan, uses_micro, costs_minor, saves_percent };
}

/**
 * The package that costs least a credit among those whose credits are used before they expire and
 * within a quarter; where all last longer, the smallest. Without a rate the one bought last.
 */
function choosePackage(
  { packages, last_bought }: Pick<Offers, 'packages' | 'last_bought'>,
  rate: BurnRate | undefined,
): PackageOffer | undefined {
  const bySize = packages.toSorted((one, other) =>
    ascending(one.credits_micro, other.credits_micro),
  );
  if (rate === undefined || rate.spent_micro === 0n) {
    return packages.find(({ code }) => code === last_bought?.code) ?? bySize[0];
  }
  const fitting = bySize.filter(({ credits_micro, expires_after_days }) => {
    const days = daysThatLast(credits_micro, rate) ?? Infinity;
    return days <= Math.min(LASTS_DAYS_MOST, expires_after_days ?? Infinity);
  });
  const [cheapest] = fitting.toSorted((one, other) =>
    ascending(one.price_minor * other.credits_micro, other.price_minor * one.credits_micro),
  );
  return cheapest ?? bySize[0];
}

function savingOf(chosen: PackageOffer, last: PackageOffer | undefined): Saving | undefined {
  if (last === undefined || last.code === chosen.code || last.currency !== chosen.currency) {
    return undefined;
  }
  const before = last.price_minor * chosen.credits_micro;
  const less = before - chosen.price_minor * last.credits_micro;
  const percent = less <= 0n ? 0n : (less * 200n + before) / (before * 2n);
  return percent >= 1n ? { percent, than: last.name } : undefined;
}

function ascending(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
