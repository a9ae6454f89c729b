import { z } from 'zod';
import { instantOf } from '../../core/instant.ts';
import { dayAt } from '../../core/usage-ranges.ts';
import { isCurrency } from '../../core/currencies.ts';
import { type FormState, parseForm } from '../../lib/forms.ts';
import { type ChosenDays, chosenDays, dayField, rangeField } from '../../usage/day-ranges.ts';
import { withoutBlanks } from '../../usage/filters.ts';

const Fields = z.object({
  from: dayField,
  to: dayField,
  range: rangeField,
  /** Which one is drawn. */
  currency: z.string().refine(isCurrency, 'Choose one of the list.').optional(),
});

export interface OverviewQuery extends ChosenDays {
  currency: string | undefined;
}

export type ReadOverviewQuery =
  | { ok: true; query: OverviewQuery; values: FormState['values'] }
  | { ok: false; values: FormState['values']; errors: FormState['errors'] };

/** Reads which days are asked for, in a zone. */
export function readOverviewQuery(asked: unknown, zone: string, now: Date): ReadOverviewQuery {
  const form = parseForm(Fields, withoutBlanks(asked));
  if (!form.ok) return form;
  const { currency, ...days } = form.data;
  const chosen = chosenDays(days, dayAt(zone, instantOf(now)));
  if (!chosen.ok) return { ...chosen, values: form.values };
  const { range, days: between } = chosen;
  return { ok: true, values: form.values, query: { range, days: between, currency } };
}

/** The page with what is asked of it, in one order, so that one view has one address. */
export function overviewUrl(
  path: string,
  { range, days, currency }: Partial<OverviewQuery>,
): string {
  const query = new URLSearchParams();
  if (range !== undefined) query.set('range', range);
  else if (days !== undefined) {
    query.set('from', days.from);
    query.set('to', days.to);
  }
  if (currency !== undefined) query.set('currency', currency);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
