import type Stripe from 'stripe';
import type { z } from 'zod';
import type { Connections, Db, Trx } from '../../lib/database.ts';
import type { WorkingProvider } from '../provider.ts';

/** An event of Stripe's. What it carries is read by the handler of its type. */
export interface StripeEvent {
  id: string;
  type: string;
  livemode: boolean;
  /** Unix time in seconds at which Stripe made it: the order in which things happened there. */
  created: number;
  data: { object: unknown };
}

/** What became of an event: it had its effect, was nothing to us, or somebody has to look. */
export interface EventResult {
  state: 'done' | 'ignored' | 'flagged';
  note?: string;
}

/** Whom an event is about, and what it does there. */
export interface EventWork {
  workspace_id: string;
  payment_id?: string;
  /** Runs in the workspace, in the transaction that stores the event; locks what it changes. */
  run(trx: Trx): Promise<EventResult>;
}

/** What handlers find whom an event is about with. */
export interface EventContext {
  /** Reads everything: whose it is is not known yet. */
  staff: Db;
  provider: 'stripe' | 'simulated';
  livemode: boolean;
  /** For what an event names and does not say; never inside of a transaction. */
  stripe: Stripe;
}

export function contextOf(
  { staff }: Connections,
  { mode: provider, livemode, stripe }: WorkingProvider,
): EventContext {
  return { staff, provider, livemode, stripe };
}

/**
 * Finds what an event of one type is about; undefined when it is about nothing of ours, or what is
 * to be written down when it is about nobody whom we know though it should be.
 */
export type EventHandler = (
  context: EventContext,
  event: StripeEvent,
) => Promise<EventWork | EventResult | undefined>;

/** A handler for what Stripe says of one kind of object, whichever event it says it with. */
export function about<Schema extends z.ZodType>(
  schema: Schema,
  find: (
    context: EventContext,
    object: z.output<Schema>,
    event: StripeEvent,
  ) => ReturnType<EventHandler>,
): EventHandler {
  return (context, event) => find(context, schema.parse(event.data.object), event);
}
