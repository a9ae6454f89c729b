import { type Revenue, revenueByWindow } from '../../billing/revenue-reports.ts';
import { changeInWords } from '../../core/changes.ts';
import { currencyDecimals } from '../../core/currencies.ts';
import { type Instant, dateOf } from '../../core/instant.ts';
import { currencyName } from '../../core/money.ts';
import { bucketUnitFor, bucketsOf, daysIn } from '../../core/usage-ranges.ts';
import type { Db } from '../../lib/database.ts';
import type { Show } from '../../lib/formatting.ts';
import { type Measure, barChart } from '../../usage/charts.ts';
import type { OverviewQuery } from './query.ts';

/** What was paid and given back in the days that are asked for, and in as many days before. */
export async function readRevenue(db: Db, { days }: OverviewQuery, zone: string) {
  const parts = bucketsOf(zone, days);
  const windows = [...parts.map((part) => part.before), ...parts.map((part) => part.now)];
  const found = await revenueByWindow(db, windows);
  return {
    days_count: daysIn(days),
    windows: parts.map((part) => part.now),
    before: found.filter(({ window }) => window < parts.length),
    now: found
      .filter(({ window }) => window >= parts.length)
      .map((one) => ({ ...one, window: one.window - parts.length })),
  };
}

export type RevenueFound = Awaited<ReturnType<typeof readRevenue>>;

/** The chart of one currency, and a table of all of them; undefined where nobody has ever paid. */
export function revenueSection(
  found: RevenueFound,
  { currency: asked }: OverviewQuery,
  show: Show,
  now: Instant,
) {
  const all = [...found.now, ...found.before];
  const currencies = [...new Set(all.map(({ currency }) => currency))].sort();
  const rows = currencies.map((currency) => {
    const own = found.now.filter((one) => one.currency === currency);
    const before = found.before.filter((one) => one.currency === currency);
    return {
      currency,
      payments: sumOf(own, ({ payments }) => payments),
      sold_minor: sumOf(own, ({ sold_minor }) => sold_minor),
      refunded_minor: sumOf(own, ({ refunded_minor }) => refunded_minor),
      disputed_minor: sumOf(own, ({ disputed_minor }) => disputed_minor),
      net_minor: sumOf(own, net),
      before_minor: sumOf(before, net),
    };
  });
  // The one that most was paid in, by the number of payments: sums of currencies do not compare.
  const [most] = rows.toSorted((one, other) => (one.payments < other.payments ? 1 : -1));
  const shown = rows.find(({ currency }) => currency === asked) ?? most;
  if (shown === undefined) return undefined;
  return {
    rows,
    shown,
    change: changeInWords(shown.net_minor, shown.before_minor),
    before_name: beforeName(found),
    chart: chartOf(found, shown, show, now),
  };
}

function chartOf(
  found: RevenueFound,
  { currency, before_minor }: { currency: string; before_minor: bigint },
  show: Show,
  now: Instant,
) {
  const amountIn = (among: readonly Revenue[], index: number) =>
    sumOf(
      among.filter((one) => one.currency === currency && one.window === index),
      net,
    );
  const ends_at = found.windows.at(-1)?.ends_at ?? now;
  return barChart(
    {
      id: 'revenue',
      unit: bucketUnitFor(found.days_count),
      buckets: found.windows.map(({ starts_at }, index) => ({
        starts_at: dateOf(starts_at),
        amount: amountIn(found.now, index),
        before: amountIn(found.before, index),
      })),
      ends_at: dateOf(ends_at),
      is_unfinished: ends_at > now,
      period: periodOf(found),
      before: { name: beforeName(found), total: before_minor },
    },
    revenueIn(currency, show),
    show,
  );
}

function revenueIn(currency: string, show: Show): Measure {
  return {
    title: `Revenue in ${currency}`,
    column: 'Revenue',
    unit: currencyName(currency),
    one: 10n ** BigInt(currencyDecimals(currency)),
    note: 'Net of tax, refunds and lost disputes.',
    nothing: 'Nothing was paid',
    write: (minor) => show.money(minor, currency),
  };
}

const net = ({ sold_minor, refunded_minor, disputed_minor }: Revenue): bigint =>
  sold_minor - refunded_minor - disputed_minor;

function periodOf({ days_count }: RevenueFound): string {
  return days_count === 1 ? '1 day' : `${days_count} days`;
}

function beforeName(found: RevenueFound): string {
  return found.days_count === 1 ? 'Day before' : `${periodOf(found)} before`;
}

function sumOf<One>(all: readonly One[], of: (one: One) => bigint): bigint {
  return all.reduce((sum, one) => sum + of(one), 0n);
}
