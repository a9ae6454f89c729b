import { chargeDisputeClosed } from './charge-dispute-closed.ts';
import { chargeDisputeCreated } from './charge-dispute-created.ts';
import { chargeDisputeFundsReinstated } from './charge-dispute-funds-reinstated.ts';
import { chargeDisputeFundsWithdrawn } from './charge-dispute-funds-withdrawn.ts';
import { chargeDisputeUpdated } from './charge-dispute-updated.ts';
import { chargeRefundUpdated } from './charge-refund-updated.ts';
import { chargeRefunded } from './charge-refunded.ts';
import { checkoutSessionAsyncPaymentFailed } from './checkout-session-async-payment-failed.ts';
import { checkoutSessionAsyncPaymentSucceeded } from './checkout-session-async-payment-succeeded.ts';
import { checkoutSessionCompleted } from './checkout-session-completed.ts';
import { checkoutSessionExpired } from './checkout-session-expired.ts';
import { customerDeleted } from './customer-deleted.ts';
import { customerSubscriptionCreated } from './customer-subscription-created.ts';
import { customerSubscriptionDeleted } from './customer-subscription-deleted.ts';
import { customerSubscriptionUpdated } from './customer-subscription-updated.ts';
import type { EventHandler } from './event.ts';
import { invoicePaid } from './invoice-paid.ts';
import { invoicePaymentActionRequired } from './invoice-payment-action-required.ts';
import { invoicePaymentFailed } from './invoice-payment-failed.ts';
import { paymentIntentPaymentFailed } from './payment-intent-payment-failed.ts';
import { paymentIntentSucceeded } from './payment-intent-succeeded.ts';
import { refundCreated } from './refund-created.ts';
import { refundFailed } from './refund-failed.ts';
import { refundUpdated } from './refund-updated.ts';
import { paymentMethodDetached } from './payment-method-detached.ts';
import { setupIntentSucceeded } from './setup-intent-succeeded.ts';

/** Every type of event that has an effect here; the others are kept and nothing is done. */
export const eventHandlers: ReadonlyMap<string, EventHandler> = new Map([
  ['charge.dispute.closed', chargeDisputeClosed],
  ['charge.dispute.created', chargeDisputeCreated],
  ['charge.dispute.funds_reinstated', chargeDisputeFundsReinstated],
  ['charge.dispute.funds_withdrawn', chargeDisputeFundsWithdrawn],
  ['charge.dispute.updated', chargeDisputeUpdated],
  ['charge.refund.updated', chargeRefundUpdated],
  ['charge.refunded', chargeRefunded],
  ['checkout.session.async_payment_failed', checkoutSessionAsyncPaymentFailed],
  ['checkout.session.async_payment_succeeded', checkoutSessionAsyncPaymentSucceeded],
  ['checkout.session.completed', checkoutSessionCompleted],
  ['checkout.session.expired', checkoutSessionExpired],
  ['customer.deleted', customerDeleted],
  ['customer.subscription.created', customerSubscriptionCreated],
  ['customer.subscription.deleted', customerSubscriptionDeleted],
  ['customer.subscription.updated', customerSubscriptionUpdated],
  ['invoice.paid', invoicePaid],
  ['invoice.payment_action_required', invoicePaymentActionRequired],
  ['invoice.payment_failed', invoicePaymentFailed],
  ['payment_intent.payment_failed', paymentIntentPaymentFailed],
  ['payment_intent.succeeded', paymentIntentSucceeded],
  ['payment_method.detached', paymentMethodDetached],
  ['refund.created', refundCreated],
  ['refund.failed', refundFailed],
  ['refund.updated', refundUpdated],
  ['setup_intent.succeeded', setupIntentSucceeded],
]);
