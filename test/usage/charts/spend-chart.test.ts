import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showFor } from '../../../src/lib/formatting.ts';
import { renderView } from '../../../src/lib/rendering.ts';
import { type ChartData, spendChart } from '../../../src/usage/charts/spend-chart.ts';

const show = showFor({ time_zone: 'Europe/Amsterdam', locale: 'en' });
const DAY = 86_400_000;
const START = Date.parse('2026-10-31T23:00:00Z');

/** So many days from the first of November, each with what was spent and what was before. */
function daysOf(spent: bigint[], before?: bigint[], more: Partial<ChartData> = {}): ChartData {
  return {
    id: 'spend',
    unit: 'day',
    buckets: spent.map((amount, index) => ({
      starts_at: new Date(START + index * DAY),
      amount,
      ...(before === undefined ? {} : { before: before[index] }),
    })),
    ends_at: new Date(START + spent.length * DAY),
    is_unfinished: true,
    period: `${spent.length} days`,
    ...(before && {
      before: {
        name: `${spent.length} days before`,
        total: before.reduce((sum, one) => sum + one, 0n),
      },
    }),
    ...more,
  };
}

test('bars are as high as what was spent, the last one is marked while it is not over', () => {
  const chart = spendChart(daysOf([10_000_000n, 0n, 30_000_000n]), show);
  expect(chart.y_labels).toEqual(['30', '20', '10', '0']);
  expect(chart.bars.map(({ y, height, is_unfinished }) => [y, height, is_unfinished])).toEqual([
    [133.33, 66.67, false],
    [0, 200, true],
  ]);
  expect(chart.unfinished).toBe('Today so far');
});

test('the finding says the sum, the change and the greatest day, in words', () => {
  const { finding, title } = spendChart(daysOf([2_000_000n, 1_500_000n], [1_000_000n, 0n]), show);
  expect(title).toMatch(/^Credits spent per day, 1\s–\s2 November 2026$/);
  expect(finding).toBe(
    '3.50 in all, 250 % more than the 1.00 of the 2 days before. Most on Sunday 1 November: 2.00.',
  );
});

test('nothing spent is an empty plot that says so', () => {
  const chart = spendChart(daysOf([0n, 0n], [0n, 0n]), show);
  expect([chart.bars, chart.past, chart.finding]).toEqual([[], undefined, 'Nothing was spent.']);
  expect(chart.y_labels).toEqual(['1', '0']);
});

test('where more came back than was spent, a bar goes down from nought', () => {
  const chart = spendChart(daysOf([5_000_000n, -5_000_000n]), show);
  expect(chart.y_labels).toEqual(['5', '0', '−5']);
  expect(chart.bars.map(({ y, height }) => [y, height])).toEqual([
    [0, 100],
    [100, 100],
  ]);
});

test('the axis of very large amounts counts in a unit that the caption names', () => {
  const chart = spendChart(daysOf([10n ** 18n, 3n * 10n ** 18n]), show);
  expect(chart.y_labels).toEqual(['3', '2', '1', '0']);
  expect(chart.caption).toMatch(/^Trillions of credits a day/);
});

test('for any amounts the marks at the axis stand evenly, and all that is drawn is inside', () => {
  const amounts = fc.array(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(amounts, amounts, (spent, before) => {
      const chart = spendChart(daysOf(spent, before), show);
      const marks = [...chart.grid.matchAll(/M0 ([\d.]+)H/g)].map(([, y]) => Number(y));
      const gap = 200 / (chart.y_labels.length - 1);
      const lines = marks.map((mark) => Math.round((200 - mark) / gap));
      expect(lines).toEqual(lines.map((_line, index) => index + 1));
      expect(new Set(chart.y_labels).size).toBe(chart.y_labels.length);
      for (const bar of chart.bars) {
        expect(bar.height).toBeGreaterThanOrEqual(1);
        expect(bar.y).toBeGreaterThanOrEqual(-1);
        expect(bar.y + bar.height).toBeLessThanOrEqual(201);
      }
      expect(chart.x_labels).toHaveLength(spent.length);
      expect(chart.x_labels.filter(Boolean).length).toBeLessThanOrEqual(5);
    }),
  );
});

test('the view has ids of its own chart, the zone, and a table whose days are links', () => {
  const data = daysOf([1_000_000n, 2_000_000n], [0n, 250_000n], { id: 'one' });
  const linked = { ...data, buckets: data.buckets.map((one) => ({ ...one, href: '/h?a=1&b=2' })) };
  const html = renderView('usage/_chart', { chart: spendChart(linked, show) });
  expect([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
    'one-t',
    'one-d',
    'one-hatch',
  ]);
  expect(html).toContain('Credits a day, days in Amsterdam time. Refunds are taken off.');
  expect(html).toContain('<th scope="row"><a href="/h?a=1&amp;b=2"><time');
  expect(html).toMatch(/2 days<\/th><td class="num">3\.00<\/td><td class="num">0\.25<\/td>/);
});
