import { z } from 'zod';
import { windowOfDays, FIRST_DAY, LAST_DAY } from '../core/usage-ranges.ts';
import { ENTRY_KINDS } from '../core/wallet.ts';
import type { EntryFilter } from '../ledger/filtered-entries.ts';
import { NOBODY, type UsageFilter } from '../ledger/usage-reports.ts';
import { type FormResult, parseForm } from '../lib/forms.ts';
import { dayField } from './day-ranges.ts';

/** Debits, captures and refunds together: what usage consists of. */
const USAGE = 'usage';
const USAGE_KINDS = ['debit', 'capture', 'refund'] as const;
/** In place of an id: without a key, or not by a member. */
export const NONE = 'none';

const whoseField = z
  .string()
  .regex(/^(?:none|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/, 'Choose one of the list.')
  .optional();

/**
 * What a URL can ask of the history and of usage, in the order in which it is written. Days are those
 * of the reader's zone, both included.
 */
export const FILTER_FIELDS = {
  from: dayField,
  to: dayField,
  operation: z
    .string()
    .regex(/^[^\p{Cc}]{1,100}$/u, 'Choose one of the list.')
    .optional(),
  key: whoseField,
  member: whoseField,
  customer: z
    .string()
    .regex(
      /^[^\p{Cc}]{1,255}$/u,
      'Give a customer as your product calls it, in up to 255 characters.',
    )
    .optional(),
  kind: z.enum([USAGE, ...ENTRY_KINDS], 'Choose one of the list.').optional(),
  text: z
    .string()
    .regex(/^[^\p{Cc}]{2,200}$/u, 'Give two letters at least, and 200 at most.')
    .optional(),
};

const Filters = z
  .object(FILTER_FIELDS)
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    message: 'Give a day that is not before the first one.',
  });

export type Filters = z.output<typeof Filters>;

/** Reads the filters of a query; fields that are blank are as good as left out. */
export function parseFilters(query: unknown): FormResult<Filters> {
  return parseForm(Filters, withoutBlanks(query));
}

/** A query as forms send it, without the fields that nobody filled in. */
export function withoutBlanks(query: unknown): Record<string, unknown> {
  if (typeof query !== 'object' || query === null) return {};
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

/** A path with what is asked of it, always in one order, so that one view has one address. */
export function urlWith(
  path: string,
  asked: Partial<Filters> & { range?: string | undefined; group?: string | undefined },
): string {
  const names = ['range', ...Object.keys(FILTER_FIELDS), 'group'] as const;
  const given: Record<string, string | undefined> = asked;
  const query = new URLSearchParams();
  for (const name of names) {
    const value = given[name];
    if (value !== undefined) query.set(name, value);
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** The same for the ledger, without the days. */
export function usageFilterOf({ operation, key, member, customer }: Filters): UsageFilter {
  const idOf = (value: string | undefined) => (value === NONE ? NOBODY : value);
  return {
    operation,
    api_key_id: idOf(key),
    person_id: idOf(member),
    on_behalf_of: customer,
  };
}

/** All of it: which entries these filters let through, with the days of a zone. */
export function entryFilterOf(filters: Filters, zone: string): EntryFilter {
  const { from, to, kind, text } = filters;
  return {
    ...usageFilterOf(filters),
    text,
    ...(kind === undefined ? {} : { kinds: kind === USAGE ? USAGE_KINDS : [kind] }),
    ...(from === undefined ? {} : { from: windowOfDays(zone, { from, to: LAST_DAY }).starts_at }),
    ...(to === undefined ? {} : { to: windowOfDays(zone, { from: FIRST_DAY, to }).ends_at }),
  };
}
