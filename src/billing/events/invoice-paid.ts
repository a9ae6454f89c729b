import { workOfPaidInvoice } from '../subscriptions/invoices.ts';
import { StripeInvoice } from '../subscriptions/objects.ts';
import { about } from './event.ts';

/** A period, or an upgrade in the middle of one, is paid. */
export const invoicePaid = about(StripeInvoice, (context, invoice, { created }) =>
  workOfPaidInvoice(context, invoice, created),
);
