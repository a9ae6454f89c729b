import { z } from 'zod';
import { USAGE_GROUPS, type UsageGroup } from '../../ledger/usage-reports.ts';
import { type FormState, parseForm } from '../../lib/forms.ts';
import { type ChosenDays, chosenDays, rangeField } from '../day-ranges.ts';
import { FILTER_FIELDS, type Filters, withoutBlanks } from '../filters.ts';

const UsageFields = z
  .object(FILTER_FIELDS)
  .omit({ kind: true, text: true })
  .extend({
    range: rangeField,
    group: z.enum(USAGE_GROUPS, 'Choose one of the groups.').default('operation'),
  });

/** What a page of usage is asked for. */
export interface UsageQuery extends ChosenDays {
  group: UsageGroup;
  /** Without the days. */
  filters: Omit<Filters, 'from' | 'to' | 'kind' | 'text'>;
}

export type ReadUsageQuery =
  | { ok: true; query: UsageQuery; values: FormState['values'] }
  | { ok: false; values: FormState['values']; errors: FormState['errors'] };

/**
 * Reads a query of usage.
 * @param today the day that it is in the reader's zone
 */
export function readUsageQuery(asked: unknown, today: string): ReadUsageQuery {
  const form = parseForm(UsageFields, withoutBlanks(asked));
  if (!form.ok) return form;
  const { from, to, range: named, group, ...filters } = form.data;
  const { values } = form;
  const chosen = chosenDays({ from, to, range: named }, today);
  if (!chosen.ok) return { ...chosen, values };
  const { range, days } = chosen;
  return { ok: true, values, query: { range, days, group, filters } };
}
