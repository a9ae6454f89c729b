import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, rfc3339 } from '../../src/core/instant.ts';
import { momentIn, monthIn, monthText, monthsBack } from '../../src/core/local-times.ts';

const BERLIN = 'Europe/Berlin';

describe('a moment as clocks show it', () => {
  test.each([
    ['Europe/Berlin', '2026-07-01T12:00', '2026-07-01T10:00:00.000000Z', 'plain'],
    ['Asia/Kolkata', '2026-07-01T12:00:30', '2026-07-01T06:30:30.000000Z', 'plain'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00.000000Z', 'twice'],
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30:00.000000Z', 'never'],
  ])('in %s, %s', (zone, text, instant, clock) => {
    const moment = momentIn(zone, text);
    expect([rfc3339(moment?.instant ?? 0n), moment?.clock]).toEqual([instant, clock]);
  });

  test.each(['', '2026-02-30T10:00', '2026-10-05', '2026-10-05T25:00', '1999-12-31T10:00', 'now'])(
    '%j is none',
    (text) => {
      expect(momentIn(BERLIN, text)).toBeUndefined();
    },
  );
});

describe('a month as calendars have it', () => {
  test('has an hour more when clocks are put back, and one less when they are put forward', () => {
    const hoursIn = (text: string): bigint => {
      const month = monthIn(BERLIN, text);
      return ((month?.ends_at ?? 0n) - (month?.starts_at ?? 0n)) / 3_600_000_000n;
    };
    expect(hoursIn('2026-10')).toBe(31n * 24n + 1n);
    expect(hoursIn('2026-03')).toBe(31n * 24n - 1n);
    expect(hoursIn('2024-02')).toBe(29n * 24n);
  });

  test.each(['2026-13', '2026-00', '2026', '1999-12', '2200-01', '2026-10-01', '0x7e-10'])(
    '%j is none',
    (text) => {
      expect(monthIn(BERLIN, text)).toBeUndefined();
    },
  );

  test('contains a moment exactly if that is in it', () => {
    const moment = fc.date({
      min: new Date('2001-01-01'),
      max: new Date('2190-01-01'),
      noInvalidDate: true,
    });
    const zone = fc.constantFrom('UTC', BERLIN, 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia');
    fc.assert(
      fc.property(moment, zone, (date, name) => {
        const instant = instantOf(date);
        const month = monthIn(name, monthText(name, instant));
        expect(month && month.starts_at <= instant && instant < month.ends_at).toBe(true);
      }),
    );
  });

  test('goes back to the first, and no further than so many', () => {
    expect(monthsBack('2025-11', '2026-02', 9)).toEqual([
      '2026-02',
      '2026-01',
      '2025-12',
      '2025-11',
    ]);
    expect(monthsBack('2000-01', '2026-02', 2)).toEqual(['2026-02', '2026-01']);
    expect(monthsBack('2026-03', '2026-02', 2)).toEqual([]);
  });
});
