import type Stripe from 'stripe';
import { nowSeconds, type Context } from '../context.ts';
import { findCustomer } from '../customers.ts';
import { missingResource } from '../errors.ts';
import { emitEvent, type EventNews } from '../events.ts';
import { idOf, newId } from '../identifiers.ts';
import { page, type List } from '../lists.ts';
import { makeInvoice, settledBalance, type NewInvoice } from './invoice-object.ts';
import type {
  InvoiceLinesParameters,
  InvoiceListParameters,
  InvoicePaymentListParameters,
} from './invoice-parameters.ts';
import type { Invoice, InvoiceLine } from './objects.ts';

/** Makes a draft of an invoice for a subscription. The caller saves. */
export function createInvoice(
  context: Context,
  news: Omit<NewInvoice, 'customer'>,
  event: EventNews,
): Invoice {
  const customer = findCustomer(context, news.subscription.customer);
  const invoice = makeInvoice(context, { ...news, customer });
  context.store.invoices.set(invoice.id, invoice);
  emitEvent(context, { type: 'invoice.created', object: invoice, ...event });
  return invoice;
}

/** The draft gets its number and what is due; the customer's balance is used or filled. */
export function finalizeInvoice(context: Context, invoice: Invoice, event: EventNews): void {
  const customer = findCustomer(context, invoice.customer);
  const { amount_due, balance } = settledBalance(invoice);
  const sequence = customer.next_invoice_sequence ?? 1;
  customer.next_invoice_sequence = sequence + 1;
  invoice.amount_due = amount_due;
  invoice.amount_remaining = amount_due;
  invoice.effective_at = nowSeconds();
  invoice.ending_balance = balance;
  invoice.hosted_invoice_url = `${context.origin}/i/${invoice.id}`;
  invoice.invoice_pdf = invoice.hosted_invoice_url;
  invoice.number = `${customer.invoice_prefix ?? 'STANDIN'}-${String(sequence).padStart(4, '0')}`;
  invoice.status = 'open';
  invoice.status_transitions.finalized_at = nowSeconds();
  setBalance(context, customer, balance, event);
  emitEvent(context, { type: 'invoice.finalized', object: invoice, ...event });
}

/** The invoice is paid: by a card, without any, or by what the customer had. */
export function markPaid(
  context: Context,
  invoice: Invoice,
  intent: Stripe.PaymentIntent | null,
  event: EventNews,
): void {
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.attempted = true;
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status = 'paid';
  invoice.status_transitions.paid_at = nowSeconds();
  const payment = paymentOf(context, invoice);
  if (intent !== null && payment !== undefined) {
    payment.amount_paid = invoice.amount_due;
    payment.status = 'paid';
    payment.status_transitions.paid_at = nowSeconds();
    emitEvent(context, { type: 'invoice_payment.paid', object: payment, ...event });
  }
  emitEvent(context, { type: 'invoice.paid', object: invoice, ...event });
  emitEvent(context, { type: 'invoice.payment_succeeded', object: invoice, ...event });
}

/** Nothing is to be paid any more for an open invoice. */
export function voidInvoice(context: Context, invoice: Invoice, event: EventNews): Invoice {
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status = 'void';
  invoice.status_transitions.voided_at = nowSeconds();
  const payment = paymentOf(context, invoice);
  if (payment !== undefined) {
    payment.status = 'canceled';
    payment.status_transitions.canceled_at = nowSeconds();
  }
  emitEvent(context, { type: 'invoice.voided', object: invoice, ...event });
  return invoice;
}

/** Says which PaymentIntent pays an invoice. */
export function addPayment(context: Context, invoice: Invoice, intent: Stripe.PaymentIntent): void {
  const payment: Stripe.InvoicePayment = {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: nowSeconds(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
  context.store.invoice_payments.set(payment.id, payment);
}

/** The payment of an invoice, once somebody has tried to pay it. */
export function paymentOf({ store }: Context, { id }: Invoice): Stripe.InvoicePayment | undefined {
  return [...store.invoice_payments.values()].find((payment) => payment.invoice === id);
}

/** The PaymentIntent of an invoice, once somebody has tried to pay it. */
export function intentOfInvoice(
  context: Context,
  invoice: Invoice,
): Stripe.PaymentIntent | undefined {
  const payment = paymentOf(context, invoice)?.payment;
  return context.store.intents.get(idOf(payment?.payment_intent));
}

/** An invoice by its id; throws a StripeError. */
export function findInvoice(context: Context, id: string, param = 'id'): Invoice {
  const invoice = context.store.invoices.get(id);
  if (invoice === undefined) throw missingResource('invoice', id, param);
  return invoice;
}

/** The subscription that an invoice is of, by its id. */
export function subscriptionOf({ parent }: Invoice): string {
  return idOf(parent?.subscription_details?.subscription);
}

/** Invoices, the newest first. */
export function listInvoices(context: Context, parameters: InvoiceListParameters): List<Invoice> {
  const { customer, status, subscription } = parameters;
  const invoices = [...context.store.invoices.values()].filter(
    (invoice) =>
      (customer === undefined || invoice.customer === customer) &&
      (status === undefined || invoice.status === status) &&
      (subscription === undefined || subscriptionOf(invoice) === subscription),
  );
  return page(invoices, parameters, { url: '/v1/invoices', kind: 'invoice' });
}

/** The lines of an invoice, in their order. */
export function listInvoiceLines(
  context: Context,
  id: string,
  parameters: InvoiceLinesParameters,
): List<InvoiceLine> {
  return page(findInvoice(context, id).lines.data, parameters, {
    url: `/v1/invoices/${id}/lines`,
    kind: 'line_item',
    newest_first: false,
  });
}

/** What was or is to be paid for invoices, the newest first. */
export function listInvoicePayments(
  context: Context,
  parameters: InvoicePaymentListParameters,
): List<Stripe.InvoicePayment> {
  const { invoice, payment: wanted, status } = parameters;
  const payments = [...context.store.invoice_payments.values()].filter(
    (payment) =>
      (invoice === undefined || payment.invoice === invoice) &&
      (wanted === undefined || payment.payment.payment_intent === wanted.payment_intent) &&
      (status === undefined || payment.status === status),
  );
  return page(payments, parameters, { url: '/v1/invoice_payments', kind: 'invoice_payment' });
}

/** A payment of an invoice by its id; throws a 404 StripeError. */
export function findInvoicePayment(context: Context, id: string): Stripe.InvoicePayment {
  const payment = context.store.invoice_payments.get(id);
  if (payment === undefined) throw missingResource('invoice_payment', id);
  return payment;
}

function setBalance(
  context: Context,
  customer: Stripe.Customer,
  balance: number,
  event: EventNews,
): void {
  if (customer.balance === balance) return;
  const previous_attributes = { balance: customer.balance };
  customer.balance = balance;
  emitEvent(context, { type: 'customer.updated', object: customer, previous_attributes, ...event });
}
