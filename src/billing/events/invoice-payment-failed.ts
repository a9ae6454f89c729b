import { workOfFailedInvoice } from '../subscriptions/failed-invoices.ts';
import { StripeInvoice } from '../subscriptions/objects.ts';
import { about } from './event.ts';

/** The card of a subscription was declined. Stripe tries again some days later. */
export const invoicePaymentFailed = about(StripeInvoice, (context, invoice, { created }) =>
  workOfFailedInvoice(context, invoice, 'failed', created),
);
