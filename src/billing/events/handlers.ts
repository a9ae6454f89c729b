import { checkoutSessionAsyncPaymentFailed } from './checkout-session-async-payment-failed.ts';
import { checkoutSessionAsyncPaymentSucceeded } from './checkout-session-async-payment-succeeded.ts';
import { checkoutSessionCompleted } from './checkout-session-completed.ts';
import { checkoutSessionExpired } from './checkout-session-expired.ts';
import { customerDeleted } from './customer-deleted.ts';
import type { EventHandler } from './event.ts';
import { paymentIntentPaymentFailed } from './payment-intent-payment-failed.ts';
import { paymentIntentSucceeded } from './payment-intent-succeeded.ts';

/** Every type of event that has an effect here; the others are kept and nothing is done. */
export const eventHandlers: ReadonlyMap<string, EventHandler> = new Map([
  ['checkout.session.completed', checkoutSessionCompleted],
  ['checkout.session.async_payment_succeeded', checkoutSessionAsyncPaymentSucceeded],
  ['checkout.session.async_payment_failed', checkoutSessionAsyncPaymentFailed],
  ['checkout.session.expired', checkoutSessionExpired],
  ['customer.deleted', customerDeleted],
  ['payment_intent.succeeded', paymentIntentSucceeded],
  ['payment_intent.payment_failed', paymentIntentPaymentFailed],
]);
