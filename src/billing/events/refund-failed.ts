import { workOfRefund } from '../refunds.ts';
import { Refund } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The bank did not take the money back: the buyer has not got it, and has the credits again. */
export const refundFailed = about(Refund, (context, object) => workOfRefund(context, object));
