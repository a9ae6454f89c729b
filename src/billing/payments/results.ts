import type { EventResult } from '../events/event.ts';
import type { Settlement } from '../settlement.ts';

/** Nothing is done then: what was paid in the one is never credited in the other. */
export function mixedUp(): EventResult {
  return { state: 'flagged', note: 'live and test are mixed up' };
}

/** What is written down beside what told of a payment. */
export function resultOf(settlement: Settlement): EventResult {
  switch (settlement.outcome) {
    case 'completed':
      return { state: 'done' };
    case 'completed_before':
      return { state: 'done', note: 'was completed before' };
    case 'paid_again':
      return {
        state: 'flagged',
        note: `paid a second time: booked with its credits as ${settlement.payment_id}, to be refunded`,
      };
    case 'not_as_ordered':
      return { state: 'flagged', note: settlement.note };
  }
}
