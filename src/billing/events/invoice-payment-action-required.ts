import { workOfFailedInvoice } from '../subscriptions/failed-invoices.ts';
import { StripeInvoice } from '../subscriptions/objects.ts';
import { about } from './event.ts';

/** The bank wants to hear from the owner of the card, who is not there. */
export const invoicePaymentActionRequired = about(StripeInvoice, (context, invoice, { created }) =>
  workOfFailedInvoice(context, invoice, 'action_required', created),
);
