import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instant, instantOf } from '../../src/core/instant.ts';
import { PERIODS, type Period, windowOf } from '../../src/core/periods.ts';

const HOUR = 3_600_000_000n;

function at(iso: string): Instant {
  return instantOf(new Date(iso));
}

/** The window that contains a moment, as "from to" in UTC and in hours. */
function described(period: Period, zone: string, iso: string): [string, string, number] {
  const { starts_at, ends_at } = windowOf(period, zone, at(iso));
  if (ends_at === null) throw new Error('a window without an end');
  const text = (instant: Instant): string =>
    new Date(Number(instant / 1000n)).toISOString().replace(':00.000Z', '');
  return [text(starts_at), text(ends_at), Number(((ends_at - starts_at) * 100n) / HOUR) / 100];
}

describe('a window', () => {
  test.for<[Period, string, string, [string, string, number]]>([
    ['day', 'UTC', '2026-03-29T12:00:00Z', ['2026-03-29T00:00', '2026-03-30T00:00', 24]],
    ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', ['2026-03-28T23:00', '2026-03-29T22:00', 23]],
    ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', ['2026-10-24T22:00', '2026-10-25T23:00', 25]],
    ['day', 'Asia/Kolkata', '2026-10-25T18:29:59Z', ['2026-10-24T18:30', '2026-10-25T18:30', 24]],
    ['day', 'Asia/Kathmandu', '2026-10-25T18:15:00Z', ['2026-10-25T18:15', '2026-10-26T18:15', 24]],
    // Chile turns its clocks at midnight: that day begins at one o'clock.
    [
      'day',
      'America/Santiago',
      '2026-09-06T12:00:00Z',
      ['2026-09-06T04:00', '2026-09-07T03:00', 23],
    ],
    // Samoa left out 30 December 2011.
    ['day', 'Pacific/Apia', '2011-12-30T09:00:00Z', ['2011-12-29T10:00', '2011-12-30T10:00', 24]],
    [
      'week',
      'Europe/Berlin',
      '2026-10-25T22:30:00Z',
      ['2026-10-18T22:00', '2026-10-25T23:00', 169],
    ],
    ['week', 'UTC', '2026-11-23T00:00:00Z', ['2026-11-23T00:00', '2026-11-30T00:00', 168]],
    [
      'month',
      'America/New_York',
      '2026-03-31T23:00:00Z',
      ['2026-03-01T05:00', '2026-04-01T04:00', 743],
    ],
    [
      'month',
      'Pacific/Auckland',
      '2028-02-01T00:00:00Z',
      ['2028-01-31T11:00', '2028-02-29T11:00', 696],
    ],
    ['hour', 'Asia/Kolkata', '2026-01-01T00:15:00Z', ['2025-12-31T23:30', '2026-01-01T00:30', 1]],
    // One o'clock comes twice, and both are hours of their own.
    [
      'hour',
      'America/New_York',
      '2026-11-01T05:59:00Z',
      ['2026-11-01T05:00', '2026-11-01T06:00', 1],
    ],
    [
      'hour',
      'America/New_York',
      '2026-11-01T06:00:00Z',
      ['2026-11-01T06:00', '2026-11-01T07:00', 1],
    ],
    // Half an hour of summer time: one hour of ninety minutes in April, one of thirty in October.
    [
      'hour',
      'Australia/Lord_Howe',
      '2026-04-04T15:10:00Z',
      ['2026-04-04T14:00', '2026-04-04T15:30', 1.5],
    ],
    [
      'hour',
      'Australia/Lord_Howe',
      '2026-10-03T15:45:00Z',
      ['2026-10-03T15:30', '2026-10-03T16:00', 0.5],
    ],
  ])('%s in %s that contains %s', ([period, zone, iso, expected]) => {
    expect(described(period, zone, iso)).toEqual(expected);
  });

  test('of all time has no end', () => {
    expect(windowOf('all', 'UTC', at('2026-01-01T00:00:00Z'))).toEqual({
      starts_at: 0n,
      ends_at: null,
    });
  });

  test('in a zone that there is not is refused', () => {
    expect(() => windowOf('day', 'Mars/Olympus', 1n)).toThrow(RangeError);
  });

  test('contains its instant, is the same for its first and last microsecond, and joins the next', () => {
    const zones = ['UTC', 'Europe/London', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Chatham'];
    fc.assert(
      fc.property(
        fc.constantFrom(...PERIODS.filter((period) => period !== 'all')),
        fc.constantFrom(...zones, 'Australia/Lord_Howe', 'America/Havana', 'Africa/Casablanca'),
        fc.bigInt({ min: at('2005-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') }),
        (period, zone, instant) => {
          const { starts_at, ends_at } = windowOf(period, zone, instant);
          if (ends_at === null) throw new Error('a window without an end');
          expect(starts_at <= instant && instant < ends_at).toBe(true);
          expect(windowOf(period, zone, ends_at).starts_at).toBe(ends_at);
          expect(windowOf(period, zone, starts_at - 1n).ends_at).toBe(starts_at);
          expect(windowOf(period, zone, starts_at)).toEqual({ starts_at, ends_at });
          expect(windowOf(period, zone, ends_at - 1n)).toEqual({ starts_at, ends_at });
        },
      ),
    );
  });
});
