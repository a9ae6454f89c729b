import { workOfSession } from '../payments/paid-sessions.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { about } from './event.ts';

/** The money of a method that takes days has come. */
export const checkoutSessionAsyncPaymentSucceeded = about(CheckoutSession, (context, session) =>
  workOfSession(context, session),
);
