import { z } from 'zod';
import {
  type DayRange,
  RANGES,
  RANGE_DAYS_MAX,
  type RangeName,
  daysIn,
  daysLater,
  isDay,
  rangeNamed,
} from '../core/usage-ranges.ts';
import type { FormState } from '../lib/forms.ts';

/** 28 days are whole weeks, so that weekdays line up with those before. */
const DEFAULT_RANGE = '28';
const DEFAULT_DAYS = 28;

const RANGE_NAMES: Record<RangeName, string> = {
  '7': '7 days',
  '28': '28 days',
  '90': '90 days',
  month: 'This month',
  'last-month': 'Last month',
};

export const dayField = z.string().refine(isDay, 'Give a day, for example 2026-11-20.').optional();
export const rangeField = z.enum(RANGES, 'Choose one of the ranges.').optional();

/** The days that a page is asked for. */
export interface ChosenDays {
  /** Undefined for days of the reader's own. */
  range: RangeName | undefined;
  days: DayRange;
}

type Asked = { [Field in 'from' | 'to']?: string | undefined } & { range?: RangeName | undefined };

/**
 * The days that are asked for. Days of the reader's own win over a range; where one of the two is
 * left out it is four weeks, or up to today. Days to come are left out.
 * @param today the day that it is in the zone of the days
 */
export function chosenDays(
  { from, to, range = DEFAULT_RANGE }: Asked,
  today: string,
): ({ ok: true } & ChosenDays) | { ok: false; errors: FormState['errors'] } {
  if (from === undefined && to === undefined) {
    return { ok: true, range, days: rangeNamed(range, today) };
  }
  const last = to === undefined || to > today ? today : to;
  const days = { from: from ?? daysLater(last, 1 - DEFAULT_DAYS), to: last };
  const errors = refusalOf(days, { to, today });
  return errors === undefined ? { ok: true, range: undefined, days } : { ok: false, errors };
}

function refusalOf(
  days: DayRange,
  { to, today }: { to: string | undefined; today: string },
): FormState['errors'] | undefined {
  if (days.from > today) return { from: 'Give a day up to today.' };
  if (to !== undefined && days.from > to) {
    return { to: 'Give a day that is not before the first one.' };
  }
  if (daysIn(days) > RANGE_DAYS_MAX) return { from: 'Ask for at most ten years at once.' };
  return undefined;
}

/** The ranges that can be chosen, each with where it leads. */
export function rangeLinks(current: RangeName | undefined, hrefOf: (range: RangeName) => string) {
  return RANGES.map((name) => ({
    name,
    label: RANGE_NAMES[name],
    href: hrefOf(name),
    current: name === current,
  }));
}
