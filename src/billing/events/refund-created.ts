import { workOfRefund } from '../refunds.ts';
import { Refund } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A refund was made, by us or on Stripe's own pages. */
export const refundCreated = about(Refund, (context, object) => workOfRefund(context, object));
