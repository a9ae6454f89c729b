import { MICRO_PER_CREDIT } from '../core/credits.ts';
import type { Show } from '../lib/formatting.ts';
import { type BarChart, spendChart } from './charts/spend-chart.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Credits a day, weekends from the sixth on, and in the weeks before. */
const SPENT = [
  ...[12, 15, 11, 14, 16, 2, 0, 13, 17, 12, 15, 18, 3, 1],
  ...[14, 16, 15, 19, 17, 4, 2, 15, 18, 21, 16, 22, 5, 9],
];
const BEFORE = [
  ...[9, 11, 10, 12, 9, 1, 0, 10, 12, 11, 9, 13, 2, 0],
  ...[12, 10, 13, 11, 14, 3, 1, 12, 13, 11, 15, 12, 2, 1],
];

/** Four weeks that nobody spent, to show what a chart is made of. */
export function sampleChart(show: Show): BarChart {
  const begins = Date.UTC(2026, 9, 24);
  const micro = (credits = 0): bigint => BigInt(credits) * MICRO_PER_CREDIT;
  return spendChart(
    {
      id: 'sample',
      unit: 'day',
      buckets: SPENT.map((spent, index) => ({
        starts_at: new Date(begins + index * DAY_MS),
        amount: micro(spent),
        before: micro(BEFORE[index]),
      })),
      ends_at: new Date(begins + SPENT.length * DAY_MS),
      is_unfinished: true,
      period: '28 days',
      before: {
        name: '28 days before',
        total: micro(BEFORE.reduce((sum, one) => sum + one, 0)),
      },
    },
    show,
  );
}
