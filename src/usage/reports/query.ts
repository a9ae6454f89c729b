import { z } from 'zod';
import {
  type DayRange,
  RANGES,
  RANGE_DAYS_MAX,
  type RangeName,
  daysIn,
  daysLater,
  rangeNamed,
} from '../../core/usage-ranges.ts';
import { USAGE_GROUPS, type UsageGroup } from '../../ledger/usage-reports.ts';
import { type FormState, parseForm } from '../../lib/forms.ts';
import { FILTER_FIELDS, type Filters, withoutBlanks } from '../filters.ts';

/** 28 days are whole weeks, so that weekdays line up with those before. */
const DEFAULT_RANGE = '28';
const DEFAULT_DAYS = 28;

const UsageFields = z
  .object(FILTER_FIELDS)
  .omit({ kind: true, text: true })
  .extend({
    range: z.enum(RANGES, 'Choose one of the ranges.').optional(),
    group: z.enum(USAGE_GROUPS, 'Choose one of the groups.').default('operation'),
  });

/** What a page of usage is asked for. */
export interface UsageQuery {
  /** Undefined for days of the reader's own. */
  range: RangeName | undefined;
  days: DayRange;
  group: UsageGroup;
  /** Without the days. */
  filters: Omit<Filters, 'from' | 'to' | 'kind' | 'text'>;
}

export type ReadUsageQuery =
  | { ok: true; query: UsageQuery; values: FormState['values'] }
  | { ok: false; values: FormState['values']; errors: FormState['errors'] };

/**
 * Reads a query of usage. Days of the reader's own win over a range; where one of the two is left
 * out it is four weeks, or up to today. Days to come are left out.
 * @param today the day that it is in the reader's zone
 */
export function readUsageQuery(asked: unknown, today: string): ReadUsageQuery {
  const form = parseForm(UsageFields, withoutBlanks(asked));
  if (!form.ok) return form;
  const { from, to, range = DEFAULT_RANGE, group, ...filters } = form.data;
  const { values } = form;
  if (from === undefined && to === undefined) {
    const query = { range, days: rangeNamed(range, today), group, filters };
    return { ok: true, values, query };
  }
  const last = to === undefined || to > today ? today : to;
  const days = { from: from ?? daysLater(last, 1 - DEFAULT_DAYS), to: last };
  const refused = refusalOf(days, { to, today });
  if (refused !== undefined) return { ok: false, values, errors: refused };
  return { ok: true, values, query: { range: undefined, days, group, filters } };
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
