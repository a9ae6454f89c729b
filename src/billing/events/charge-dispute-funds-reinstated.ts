import { workOfDispute } from '../disputes.ts';
import { Dispute } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The money of a disputed payment came back, which may be told before the dispute is closed. */
export const chargeDisputeFundsReinstated = about(Dispute, (context, dispute) =>
  workOfDispute(context, { ...dispute, status: dispute.status === 'lost' ? 'lost' : 'won' }),
);
