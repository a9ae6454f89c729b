import { z } from 'zod';
import { ALERT_KINDS, type AlertKind } from '../core/alerts.ts';
import { MARK_NAMES } from '../core/balance-alerts.ts';
import { parseCredits } from '../core/credits.ts';

/*
 * What alerts tell, as it is stored and as webhooks have it: amounts are decimal strings, moments are
 * RFC 3339. Reading gives amounts in micro-credits and moments as dates.
 */

const credits = z.string().transform((text, context) => {
  const micro = parseCredits(text);
  if (micro !== undefined) return micro;
  context.addIssue('an amount of credits is expected');
  return z.NEVER;
});
const moment = z.iso.datetime({ precision: null }).transform((text) => new Date(text));
const name = z.string().nullable();

const FACTS = {
  balance_low: z.object({
    mark: z.enum(MARK_NAMES),
    threshold: credits,
    percent: z.int().nullable(),
    available: credits,
    debt: credits,
    bought_last: credits,
  }),
  run_out: z.object({
    runs_out_at: moment,
    /** From then on it may be over: four times of five it is between these. */
    earliest: moment,
    latest: moment.nullable(),
    days: z.int(),
    per_day: credits,
    available: credits,
  }),
  lot_expiring: z.object({
    lot: z.int(),
    amount: credits,
    source: z.string(),
    expires_at: moment,
    days: z.int(),
  }),
  spike: z.object({
    spent: credits,
    usual: credits,
    from: moment,
    until: moment,
    /** The key that caused most of it, if one of the workspace did. */
    api_key: z.uuid().nullable(),
    api_key_name: name,
    api_key_spent: credits.nullable(),
  }),
  budget_reached: z.object({
    budget: z.string(),
    subject: z.string(),
    /** What it limits, as people call it: null for the whole wallet. */
    of: name,
    period: z.enum(['hour', 'day', 'week', 'month', 'all']),
    hard: z.boolean(),
    limit: credits,
    used: credits,
    resets_at: moment.nullable(),
  }),
  top_up_failed: z.object({ stopped: z.boolean(), reason: z.string() }),
  card_expiring: z.object({ card: z.string(), expires: z.string().regex(/^\d{4}-\d\d$/) }),
  recovered: z.object({ of: z.enum(ALERT_KINDS), available: credits }),
} satisfies Record<AlertKind, z.ZodObject>;

/** The facts of a kind as they are written. */
export type FactsOf<Kind extends AlertKind> = z.input<(typeof FACTS)[Kind]>;

/** What an alert tells, to be put into words. */
export type ToldFacts = {
  [Kind in AlertKind]: { kind: Kind } & z.output<(typeof FACTS)[Kind]>;
}[AlertKind];

/** Reads what was stored of an alert. Throws for what is none of its kind. */
export function readFacts(kind: AlertKind, stored: unknown): ToldFacts {
  switch (kind) {
    case 'balance_low':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'run_out':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'lot_expiring':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'spike':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'budget_reached':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'top_up_failed':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'card_expiring':
      return { kind, ...FACTS[kind].parse(stored) };
    case 'recovered':
      return { kind, ...FACTS[kind].parse(stored) };
  }
}
