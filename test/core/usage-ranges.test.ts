import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucketsOf,
  bucketUnitFor,
  dayAt,
  daysIn,
  daysLater,
  isDay,
  rangeNamed,
  windowOfDays,
} from '../../src/core/usage-ranges.ts';

const HOUR = 3_600_000_000n;
const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;
const hoursOf = (zone: string, from: string, to = from): bigint => {
  const { starts_at, ends_at } = windowOfDays(zone, { from, to });
  return (ends_at - starts_at) / HOUR;
};

describe('days of a zone', () => {
  test('today is another day on either side of midnight in Kolkata', () => {
    expect(dayAt('Asia/Kolkata', at('2026-11-20T18:29:59Z'))).toBe('2026-11-20');
    expect(dayAt('Asia/Kolkata', at('2026-11-20T18:30:00Z'))).toBe('2026-11-21');
    expect(windowOfDays('Asia/Kolkata', { from: '2026-11-21', to: '2026-11-21' }).starts_at).toBe(
      at('2026-11-20T18:30:00Z'),
    );
  });

  test('days on which the clock is changed in Berlin have 23 and 25 hours', () => {
    expect(hoursOf('Europe/Berlin', '2026-03-29')).toBe(23n);
    expect(hoursOf('Europe/Berlin', '2026-10-25')).toBe(25n);
    expect(bucketsOf('Europe/Berlin', { from: '2026-10-25', to: '2026-10-25' })).toHaveLength(25);
  });

  test.each([
    ['7', '2026-11-14', '2026-11-20'],
    ['28', '2026-10-24', '2026-11-20'],
    ['90', '2026-08-23', '2026-11-20'],
    ['month', '2026-11-01', '2026-11-20'],
    ['last-month', '2026-10-01', '2026-10-31'],
  ] as const)('on 20 November the range %s is from %s to %s', (name, from, to) => {
    expect(rangeNamed(name, '2026-11-20')).toEqual({ from, to });
  });

  test('only days that there are can be asked for', () => {
    expect(['2024-02-29', '2000-01-01', '2199-12-31'].every(isDay)).toBe(true);
    const none = ['2026-02-29', '2026-13-01', '2026-1-1', '1999-12-31', '2200-01-01', '', 'today'];
    expect(none.some(isDay)).toBe(false);
  });
});

describe('the parts of a range', () => {
  test('are hours, days, weeks or months, and never very many', () => {
    expect([1, 2, 3, 93, 94, 651, 652].map(bucketUnitFor)).toEqual([
      ...['hour', 'hour', 'day', 'day', 'week', 'week', 'month'],
    ]);
  });

  test('follow each other without a gap, and so do those of as many days before', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Santiago');
    const firsts = fc.nat({ max: 3_000 }).map((days) => daysLater('2019-01-01', days));
    const lengths = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 3_653 }));
    fc.assert(
      fc.property(zones, firsts, lengths, (zone, from, days) => {
        const range = { from, to: daysLater(from, days - 1) };
        expect(daysIn(range)).toBe(days);
        const buckets = bucketsOf(zone, range);
        const earlier = { from: daysLater(from, -days), to: daysLater(from, -1) };
        const whole = { now: windowOfDays(zone, range), before: windowOfDays(zone, earlier) };
        for (const side of ['now', 'before'] as const) {
          expect(buckets[0]?.[side].starts_at).toBe(whole[side].starts_at);
          expect(buckets.at(-1)?.[side].ends_at).toBe(whole[side].ends_at);
          for (const [index, bucket] of buckets.entries()) {
            const next = buckets[index + 1];
            if (next !== undefined) expect(next[side].starts_at).toBe(bucket[side].ends_at);
          }
        }
        expect(buckets.length).toBeLessThanOrEqual(123);
      }),
      { numRuns: 60 },
    );
  });
});
