import type Stripe from 'stripe';
import type { Call } from '../api.ts';
import { takeMoney } from '../charging.ts';
import type { Context } from '../context.ts';
import { StripeError } from '../errors.ts';
import type { EventNews } from '../events.ts';
import { idOf } from '../identifiers.ts';
import { cardError } from '../intent-confirmation.ts';
import { methodFor } from '../payment-methods.ts';
import { cardOf } from '../test-cards.ts';
import { collect, intentFor, settle } from './collection.ts';
import type { InvoicePayParameters } from './invoice-parameters.ts';
import { findInvoice, intentOfInvoice, subscriptionOf, voidInvoice } from './invoices.ts';
import type { Invoice } from './objects.ts';
import { findSubscription } from './subscriptions.ts';

/**
 * Pays an open invoice by a saved card without its owner, or takes it as paid elsewhere. Throws
 * the 402 StripeError of a card that refuses. The caller saves.
 */
export function payInvoice(
  context: Context,
  { paid_out_of_band = false, payment_method }: InvoicePayParameters,
  { id, request }: Call,
): Invoice {
  const invoice = openInvoice(context, id);
  const record = findSubscription(context, subscriptionOf(invoice));
  if (paid_out_of_band) {
    settle(context, record, invoice, null, { request });
    return invoice;
  }
  const method =
    payment_method === undefined ? undefined : methodFor(context, payment_method, invoice.customer);
  const outcome = collect(context, record, invoice, { method, automatic: false }, { request });
  if (outcome !== 'paid') throw refusalOf(context, invoice, outcome);
  return invoice;
}

/** Pays an open invoice with its owner there, who agrees to what the bank asks. */
export function payByOwner(
  context: Context,
  invoice: Invoice,
  method: Stripe.PaymentMethod,
  event: EventNews,
): void {
  const record = findSubscription(context, subscriptionOf(invoice));
  const intent = intentFor(context, invoice, event);
  const authenticated = cardOf(method).later === 'wants_authentication';
  takeMoney(context, intent, { payment_method: method, authenticated }, event);
  settle(context, record, invoice, intent, event);
}

/** Gives an open invoice up. The caller saves. */
export function voidOpenInvoice(context: Context, _: unknown, { id, request }: Call): Invoice {
  return voidInvoice(context, openInvoice(context, id), { request });
}

function openInvoice(context: Context, id: string): Invoice {
  const invoice = findInvoice(context, id);
  if (invoice.status === 'open') return invoice;
  const paid = invoice.status === 'paid';
  const message = paid
    ? 'Invoice is already paid'
    : `This invoice can no longer be paid: its status is ${invoice.status ?? 'none'}.`;
  throw new StripeError({ status: 400, message, ...(paid && { code: 'invoice_already_paid' }) });
}

function refusalOf(
  context: Context,
  invoice: Invoice,
  outcome: 'declined' | 'authentication_required' | 'no_card',
): StripeError {
  const intent = intentOfInvoice(context, invoice);
  const charge = context.store.charges.get(idOf(intent?.latest_charge));
  if (outcome === 'no_card' || intent === undefined || charge === undefined) {
    const message =
      'There is no `default_payment_method` set on this Customer or Invoice. Please set a default payment method.';
    return new StripeError({ status: 400, message });
  }
  return cardError({ outcome, intent, charge });
}
