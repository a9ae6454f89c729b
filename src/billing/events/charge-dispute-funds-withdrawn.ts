import { workOfDispute } from '../disputes.ts';
import { Dispute } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The money of a disputed payment was taken. */
export const chargeDisputeFundsWithdrawn = about(Dispute, (context, object) =>
  workOfDispute(context, object),
);
