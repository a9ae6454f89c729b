import { workOfFailedIntent } from '../payments/paid-intents.ts';
import { PaymentIntent } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A card was declined. Whoever is at the payment page may try another, so the order stays open. */
export const paymentIntentPaymentFailed = about(PaymentIntent, (context, intent) =>
  workOfFailedIntent(context, intent),
);
