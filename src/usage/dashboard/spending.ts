import { RATE_DAYS } from '../../core/burn-rates.ts';
import { shareOf } from '../../core/changes.ts';
import { shortestDecimal } from '../../core/decimal.ts';
import { QUANTITY_DECIMALS } from '../../core/price-rules.ts';
import type { DailyUse } from '../../ledger/daily-use.ts';
import { type Show, plural } from '../../lib/formatting.ts';
import type { Wording } from '../entry-rows.ts';
import { spendChart } from '../charts/spend-chart.ts';
import { dateOf } from './days.ts';

const OPERATIONS_SHOWN = 5;

/** The chart of the last 28 days, today among them, with the 28 before behind it. */
export function chartOf({ days, spent_micro }: DailyUse, base: string, show: Show) {
  const from = days.length - RATE_DAYS;
  const buckets = days.slice(from).map(({ starts_at }, index) => ({
    starts_at: dateOf(starts_at),
    amount: spent_micro[from + index] ?? 0n,
    before: spent_micro[from - RATE_DAYS + index] ?? 0n,
    href: historyOfDays(base, show.isoDay(dateOf(starts_at))),
  }));
  return spendChart(
    {
      ...{ id: 'spent', unit: 'day', buckets, is_unfinished: true, period: '28 days' },
      ends_at: dateOf(days.at(-1)?.ends_at ?? 0n),
      before: {
        name: '28 days before',
        total: buckets.reduce((sum, { before }) => sum + before, 0n),
      },
    },
    show,
  );
}

/** The history of usage from a day on, and until it or another one. */
function historyOfDays(base: string, from: string, more: Record<string, string> = {}): string {
  return `${base}/history?${new URLSearchParams({ from, to: from, kind: 'usage', ...more }).toString()}`;
}

/** Where credits went in these 28 days: the operations that took most, and the others in one. */
export function operationsOf(
  { days, by_operation }: DailyUse,
  wording: Wording,
  base: string,
  show: Show,
) {
  const day = (index: number): string => show.isoDay(dateOf(days.at(index)?.starts_at ?? 0n));
  const hrefOf = (operation: string): string =>
    historyOfDays(base, day(-RATE_DAYS), { to: day(-1), operation });
  const used = [...by_operation]
    .map(([code, use]) => ({ code, ...use }))
    .filter(({ spent_micro }) => spent_micro !== 0n)
    .sort((one, other) => (one.spent_micro < other.spent_micro ? 1 : -1));
  const total_micro = used.reduce((sum, one) => sum + one.spent_micro, 0n);
  const isOneTooMany = used.length === OPERATIONS_SHOWN + 1;
  const [shown, others] = [
    used.slice(0, isOneTooMany ? used.length : OPERATIONS_SHOWN),
    used.slice(isOneTooMany ? used.length : OPERATIONS_SHOWN),
  ];
  const nameOf = (code: string): string => wording.operations.get(code)?.name ?? code;
  const rows = shown.map(({ code, spent_micro, quantity, charges }) => {
    const unit = wording.operations.get(code)?.unit ?? '';
    const amount = shortestDecimal(quantity, QUANTITY_DECIMALS);
    const times = `${charges} ${plural('charge', charges)}`;
    return {
      name: nameOf(code),
      href: code === '' ? undefined : hrefOf(code),
      spent_micro,
      note: unit === '' ? times : `${times}, ${amount} ${plural(unit, amount)}`,
      ...partOf(spent_micro, total_micro),
    };
  });
  if (others.length > 0) {
    const spent_micro = others.reduce((sum, one) => sum + one.spent_micro, 0n);
    const note = others.map(({ code }) => nameOf(code)).join(', ');
    rows.push({
      name: 'Other',
      href: undefined,
      spent_micro,
      note,
      ...partOf(spent_micro, total_micro),
    });
  }
  return { rows, total_micro };
}

/** In words and as the width of a bar of 100; more may have come back of one than was spent of it. */
function partOf(spent_micro: bigint, total_micro: bigint): { share: string; width: number } {
  const share = shareOf(spent_micro, total_micro);
  if (share === '') return { share, width: 0 };
  return { share, width: Math.min(100, Number((spent_micro * 1_000n) / total_micro) / 10) };
}
