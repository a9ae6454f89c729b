import { workOfRefund } from '../refunds.ts';
import { Refund } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The same as refund.updated, as older versions of the API tell it. */
export const chargeRefundUpdated = about(Refund, (context, object) =>
  workOfRefund(context, object),
);
