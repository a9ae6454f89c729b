import { workOfDispute } from '../disputes.ts';
import { Dispute } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A bank disputes a payment, or asks about it. */
export const chargeDisputeCreated = about(Dispute, (context, object) =>
  workOfDispute(context, object),
);
