import { workOfDispute } from '../disputes.ts';
import { Dispute } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A dispute was decided. */
export const chargeDisputeClosed = about(Dispute, (context, object) =>
  workOfDispute(context, object),
);
