import { workOfDispute } from '../disputes.ts';
import { Dispute } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A dispute is in another state than before. */
export const chargeDisputeUpdated = about(Dispute, (context, object) =>
  workOfDispute(context, object),
);
