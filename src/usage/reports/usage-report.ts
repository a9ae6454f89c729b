import { type Instant, instantOf } from '../../core/instant.ts';
import {
  type BucketUnit,
  type DayRange,
  bucketUnitFor,
  bucketsOf,
  dayAt,
  daysIn,
  daysLater,
  windowOfDays,
} from '../../core/usage-ranges.ts';
import {
  type GroupUsed,
  type GroupedUsage,
  type Used,
  usageByGroup,
  usageByWindow,
} from '../../ledger/usage-reports.ts';
import type { Trx } from '../../lib/database.ts';
import { usageFilterOf } from '../filters.ts';
import type { UsageQuery } from './query.ts';

/** A bar: what was used in a part of the range, and at the same place of the range before. */
export interface ReportBucket {
  starts_at: Date;
  ends_at: Date;
  /** The days that it lies in, for a link. */
  days: DayRange;
  used: Used;
  before_micro: bigint;
}

/** What was used of a wallet in a range of days of a zone, beside as many days before. */
export interface UsageReport {
  query: UsageQuery;
  days_count: number;
  before: DayRange;
  unit: BucketUnit;
  buckets: ReportBucket[];
  is_unfinished: boolean;
  total: Used & { before_micro: bigint };
  groups: GroupUsed[];
  others: GroupedUsage['others'];
  /** Of the grouping by customer, what named none. */
  unnamed: GroupUsed | undefined;
}

/** @param most how many of the group are told apart; the others are one */
export async function usageReportOf(
  trx: Trx,
  walletId: string,
  query: UsageQuery,
  { zone, now, most }: { zone: string; now: Date; most: number },
): Promise<UsageReport> {
  const { days, group } = query;
  const filter = usageFilterOf(query.filters);
  const parts = bucketsOf(zone, days);
  const windows = [...parts.map((part) => part.before), ...parts.map((part) => part.now)];
  const used = await usageByWindow(trx, walletId, windows, filter);
  const count = daysIn(days);
  const before = { from: daysLater(days.from, -count), to: daysLater(days.from, -1) };
  const ranges = { before: windowOfDays(zone, before), now: windowOfDays(zone, days) };
  const grouped = await usageByGroup(trx, walletId, ranges, { group, filter, most });
  const buckets = parts.map(({ now: { starts_at, ends_at } }, index): ReportBucket => ({
    starts_at: dateOf(starts_at),
    ends_at: dateOf(ends_at),
    days: { from: dayAt(zone, starts_at), to: dayAt(zone, ends_at - 1n) },
    used: used[parts.length + index] ?? NOTHING,
    before_micro: used[index]?.spent_micro ?? 0n,
  }));
  const total = sumOf(buckets.map((one) => ({ ...one.used, before_micro: one.before_micro })));
  return {
    query,
    days_count: count,
    before,
    unit: bucketUnitFor(count),
    buckets,
    is_unfinished: ranges.now.ends_at > instantOf(now),
    total,
    groups: grouped.top,
    others: grouped.others,
    unnamed:
      group === 'customer' && query.filters.customer === undefined
        ? difference(total, sumOf([...grouped.top, grouped.others]))
        : undefined,
  };
}

const NOTHING: Used = { charges: 0n, spent_micro: 0n, quantity: 0n };

type Compared = Used & { before_micro: bigint };

function sumOf(all: readonly Compared[]): Compared {
  return all.reduce(
    (sum, one) => ({
      charges: sum.charges + one.charges,
      spent_micro: sum.spent_micro + one.spent_micro,
      quantity: sum.quantity + one.quantity,
      before_micro: sum.before_micro + one.before_micro,
    }),
    { ...NOTHING, before_micro: 0n },
  );
}

function difference(one: Compared, other: Compared): GroupUsed {
  return {
    value: '',
    charges: one.charges - other.charges,
    spent_micro: one.spent_micro - other.spent_micro,
    quantity: one.quantity - other.quantity,
    before_micro: one.before_micro - other.before_micro,
  };
}

function dateOf(instant: Instant): Date {
  return new Date(Number(instant / 1_000n));
}
