import { workOfIntent } from '../payments/paid-intents.ts';
import { PaymentIntent } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A payment that was asked for without Checkout has come through; Checkout's tell of themselves. */
export const paymentIntentSucceeded = about(PaymentIntent, (context, intent) =>
  workOfIntent(context, intent),
);
