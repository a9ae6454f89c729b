import type Stripe from 'stripe';
import { closeUnpaid } from '../settlement.ts';
import type { EventHandler } from './event.ts';

/** The payment page was left until it expired: nobody can pay this order any more. */
export const checkoutSessionExpired: EventHandler<Stripe.CheckoutSessionExpiredEvent> = async (
  trx,
  _event,
  payment,
) => {
  const closed = await closeUnpaid(trx, payment, 'cancelled');
  return closed ? { state: 'done' } : { state: 'done', note: `was ${payment.status} before` };
};

/** A payment that takes days did not come through. */
export const checkoutSessionAsyncPaymentFailed: EventHandler<
  Stripe.CheckoutSessionAsyncPaymentFailedEvent
> = async (trx, _event, payment) => {
  const closed = await closeUnpaid(trx, payment, 'failed');
  return closed ? { state: 'done' } : { state: 'done', note: `was ${payment.status} before` };
};
