import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ForecastInput,
  HORIZON_DAYS,
  type SpendableLot,
  forecast,
} from '../../src/core/forecasts.ts';
import { tries } from '../support/properties.ts';

const CREDIT = 1_000_000n;
const DAY = 86_400_000_000n;
const TODAY = 20_000n * DAY;

const lot = (credits: bigint, days?: bigint, operations: string[] | null = null): SpendableLot => ({
  available_micro: credits * CREDIT,
  expires_at: days === undefined ? null : TODAY + days * DAY,
  operations,
});

function input(change: Partial<ForecastInput>): ForecastInput {
  const by_operation = new Map([['image', 1n]]);
  return { lots: [], history: [], by_operation, now: TODAY, today_starts_at: TODAY, ...change };
}

/** Weeks of the same days, the last of them yesterday. */
const weeks = (count: number, week: readonly bigint[]): bigint[] =>
  Array.from({ length: count }, () => week.map((credits) => credits * CREDIT)).flat();
const tenADay = weeks(4, [10n, 10n, 10n, 10n, 10n, 10n, 10n]);

describe('a forecast', () => {
  test.for<[string, Partial<ForecastInput>, object]>([
    ['is none with nothing left', { history: tenADay }, { kind: 'nothing_left' }],
    [
      'is none before three days are whole',
      { lots: [lot(50n)], history: [CREDIT, CREDIT] },
      { kind: 'too_early', days: 2 },
    ],
    ['is none without use', { lots: [lot(50n)] }, { kind: 'no_use', unused: [] }],
    [
      'says what expires when nothing is used any more',
      { lots: [lot(50n, 9n), lot(5n)], history: weeks(4, [0n, 0n, 0n, 0n, 0n, 0n, 0n]) },
      { kind: 'no_use', unused: [{ lot: lot(50n, 9n), unused_micro: 50n * CREDIT }] },
    ],
    [
      'says that credits last when they do for more than a year',
      { lots: [lot(10n * BigInt(HORIZON_DAYS) + 1n)], history: tenADay },
      { kind: 'lasts', unused: [], earliest: null },
    ],
    [
      'names the day on which the last credit goes, and no range where every day was alike',
      { lots: [lot(65n)], history: tenADay },
      { kind: 'runs_out', day: 6, earliest: 6, latest: 6, by: 'use' },
    ],
    [
      'takes of today only what is left of it',
      { lots: [lot(65n)], history: tenADay, now: TODAY + DAY / 2n + 1n },
      { kind: 'runs_out', day: 7 },
    ],
    [
      'knows weekends: two days of rest come first, then two of ten',
      { lots: [lot(20n)], history: weeks(4, [0n, 0n, 10n, 10n, 10n, 10n, 10n]) },
      { kind: 'runs_out', day: 3, earliest: 3, latest: 3 },
    ],
    [
      'does not count what expires unused',
      { lots: [lot(500n, 3n), lot(20n)], history: tenADay },
      { kind: 'runs_out', day: 4, unused: [{ lot: lot(500n, 3n), unused_micro: 470n * CREDIT }] },
    ],
    [
      'says so when time takes the last credits',
      { lots: [lot(500n, 3n)], history: tenADay },
      { kind: 'runs_out', day: 2, by: 'expiry' },
    ],
    [
      'leaves a lot to the operations that it is for',
      {
        lots: [lot(30n, 5n, ['call']), lot(70n)],
        history: tenADay,
        by_operation: new Map([
          ['call', 20n],
          ['image', 80n],
        ]),
      },
      {
        ...{ kind: 'runs_out', day: 7 },
        unused: [{ lot: lot(30n, 5n, ['call']), unused_micro: 20n * CREDIT }],
      },
    ],
  ])('%s', ([, change, expected]) => {
    expect(forecast(input(change))).toMatchObject(expected);
  });

  test('is wider where days differ, and wider still where few are known', () => {
    const uneven = (count: number): bigint[] => weeks(count, [2n, 18n, 6n, 14n, 3n, 17n, 10n]);
    const range = (history: bigint[]): number => {
      const found = forecast(input({ lots: [lot(200n)], history }));
      if (found.kind !== 'runs_out' || found.latest === null) throw new Error(found.kind);
      return found.latest - found.earliest;
    };
    const mixed = uneven(4).map((micro, day) => (day % 2 === 0 ? micro / 2n : (micro * 3n) / 2n));
    expect(range(mixed)).toBeGreaterThan(range(uneven(4)));
    expect(range(uneven(1))).toBeGreaterThan(range(mixed));
  });
});

describe('whatever is there and however it was used,', () => {
  const amount = fc.bigInt(0n, 10n ** 12n);
  const lots = fc.array(
    fc.record({
      available_micro: amount,
      expires_at: fc.option(fc.bigInt(1n, 500n * DAY).map((after) => TODAY + after)),
      operations: fc.option(fc.subarray(['image', 'call'], { minLength: 1 })),
    }),
    { maxLength: 5 },
  );
  const situations = fc.record({
    lots,
    history: fc.array(fc.bigInt(-(10n ** 9n), 10n ** 11n), { maxLength: 28 }),
    by_operation: fc
      .record({ image: fc.bigInt(0n, 99n), call: fc.bigInt(0n, 99n), other: fc.bigInt(0n, 99n) })
      .map((use) => new Map(Object.entries(use))),
    now: fc.bigInt(0n, DAY - 1n).map((after) => TODAY + after),
    today_starts_at: fc.constant(TODAY),
  });

  test('the day is within its range, and no lot leaves more unused than it has', () => {
    fc.assert(
      fc.property(situations, (given) => {
        const found = forecast(given);
        if (found.kind === 'runs_out') {
          expect(found.earliest).toBeGreaterThanOrEqual(0);
          expect(found.earliest).toBeLessThanOrEqual(found.day);
          expect(found.day).toBeLessThanOrEqual(found.latest ?? HORIZON_DAYS);
        }
        if (!('unused' in found)) return;
        for (const { lot: one, unused_micro } of found.unused) {
          expect(unused_micro).toBeGreaterThan(0n);
          expect(unused_micro).toBeLessThanOrEqual(one.available_micro);
          expect(one.expires_at).not.toBeNull();
        }
      }),
      tries(150),
    );
  });

  test('credits for everything that do not expire never make it end sooner', () => {
    fc.assert(
      fc.property(situations, fc.bigInt(1n, 10n ** 12n), (given, available_micro) => {
        const more = [...given.lots, { available_micro, expires_at: null, operations: null }];
        const day = (one: ForecastInput): number => {
          const found = forecast(one);
          if (found.kind === 'nothing_left') return -1;
          return found.kind === 'runs_out' ? found.day : Infinity;
        };
        expect(day({ ...given, lots: more })).toBeGreaterThanOrEqual(day(given));
      }),
      tries(100),
    );
  });
});
