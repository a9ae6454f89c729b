import { describe, expect, test } from 'vitest';
import { type HourOfUse, runOutNews, spikeIn } from '../../src/core/usage-alerts.ts';
import { CREDIT } from '../support/wallet-states.ts';

const hour = (spent: bigint, more: Partial<HourOfUse> = {}): HourOfUse => ({
  spent_micro: spent * CREDIT,
  weeks_before: [20n * CREDIT, 10n * CREDIT],
  before_micro: 336n * CREDIT,
  before_hours: 336n,
  granted_last_micro: 100n * CREDIT,
  ...more,
});
const outcome = (...given: Parameters<typeof hour>) => spikeIn(hour(...given)).outcome;

describe('an hour', () => {
  test('is a spike from three times the same hour of the last weeks on, and over below half of that', () => {
    expect(spikeIn(hour(45n))).toEqual({ outcome: 'spike', usual_micro: 15n * CREDIT });
    expect(outcome(44n)).toBe('between');
    expect(outcome(23n)).toBe('between');
    expect(outcome(22n)).toBe('usual');
  });

  test('is compared with a mean hour where the same hours had less', () => {
    const more = { weeks_before: [0n, 0n], before_micro: 336n * 20n * CREDIT };
    expect(outcome(45n, more)).not.toBe('spike');
    expect(outcome(60n, more)).toBe('spike');
  });

  test('is none with little use, whatever is usual, nor without a week to compare with', () => {
    const nothing = { weeks_before: [0n], before_micro: 0n };
    expect(outcome(9n, nothing)).not.toBe('spike');
    expect(outcome(10n, nothing)).toBe('spike');
    expect(outcome(49n, { ...nothing, granted_last_micro: 1_000n * CREDIT })).not.toBe('spike');
    expect(outcome(1_000n, { weeks_before: [] })).toBe('usual');
  });
});

test('credits run out soon within the days that are asked for, and later when a quarter more is there', () => {
  const rate = { spent_micro: CREDIT, days: 28 };
  const on = (day: number) =>
    runOutNews(
      { kind: 'runs_out', rate, day, earliest: day, latest: null, by: 'use', unused: [] },
      7,
    );
  expect([6, 7, 8, 9].map(on)).toEqual(['soon', 'between', 'between', 'later']);
  expect(runOutNews({ kind: 'too_early', days: 2 }, 7)).toBe('unknown');
  expect(runOutNews({ kind: 'nothing_left' }, null)).toBe('later');
});
