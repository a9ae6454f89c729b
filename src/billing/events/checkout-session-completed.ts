import { workOfSession } from '../paid-sessions.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The buyer has gone through the payment page. */
export const checkoutSessionCompleted = about(CheckoutSession, (context, session) =>
  workOfSession(context, session),
);
