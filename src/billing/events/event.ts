import type Stripe from 'stripe';
import type { Trx } from '../../lib/database.ts';
import type { Payment } from '../orders.ts';

/** What became of an event: it had its effect, was nothing to us, or somebody has to look. */
export interface EventResult {
  state: 'done' | 'ignored' | 'flagged';
  note?: string;
}

/** Handles one type of event, in the transaction that stores it, with its payment locked. */
export type EventHandler<Event extends Stripe.Event> = (
  trx: Trx,
  event: Event,
  payment: Payment,
) => Promise<EventResult>;
