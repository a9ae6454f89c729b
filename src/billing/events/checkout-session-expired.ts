import { workOfSession } from '../paid-sessions.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The payment page was left until it expired: nobody can pay this order there any more. */
export const checkoutSessionExpired = about(CheckoutSession, (context, session) =>
  workOfSession(context, { ...session, status: 'expired' }),
);
