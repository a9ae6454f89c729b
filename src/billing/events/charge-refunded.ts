import { workOfCharge } from '../refunds.ts';
import { Charge } from '../stripe-objects.ts';
import { about } from './event.ts';

/** Money of a charge went back: the charge says how much in all. */
export const chargeRefunded = about(Charge, (context, object) => workOfCharge(context, object));
