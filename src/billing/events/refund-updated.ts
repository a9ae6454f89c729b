import { workOfRefund } from '../refunds.ts';
import { Refund } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A refund is in another state than before. */
export const refundUpdated = about(Refund, (context, object) => workOfRefund(context, object));
