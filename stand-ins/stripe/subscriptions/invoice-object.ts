import type Stripe from 'stripe';
import { nowSeconds, type Context } from '../context.ts';
import { minimumMinor } from '../currencies.ts';
import { newId } from '../identifiers.ts';
import { taxIdsOf } from '../tax-ids.ts';
import { makeLine } from './lines.ts';
import type { Invoice, InvoiceLine, LineDraft, Subscription } from './objects.ts';

/** What an invoice is for. */
export interface NewInvoice {
  customer: Stripe.Customer;
  subscription: Subscription;
  reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  drafts: readonly LineDraft[];
  /** The time that the invoice looks back on; its lines have periods of their own. */
  period: { start: number; end: number };
  proration_date?: number | undefined;
}

/** What stands on an invoice, in minor units. */
interface Totals {
  subtotal: number;
  tax: number;
  total: number;
  total_excluding_tax: number;
}

/** A draft of an invoice in Stripe's full shape; nothing is stored. */
export function makeInvoice(context: Context, news: NewInvoice): Invoice {
  const { customer, subscription } = news;
  const id = newId('in');
  const taxed = subscription.automatic_tax.enabled;
  const tax_percent = taxed ? context.store.settings.tax_percent : null;
  const lines = news.drafts.map((draft) =>
    makeLine(draft, { invoice: id, subscription, tax_percent }),
  );
  const totals = totalsOf(lines);
  return {
    ...blankInvoice(id, customer),
    amount_due: Math.max(0, totals.total + customer.balance),
    amount_remaining: Math.max(0, totals.total + customer.balance),
    automatic_tax: {
      disabled_reason: null,
      enabled: taxed,
      liability: taxed ? { type: 'self' } : null,
      provider: taxed ? 'stripe' : null,
      status: taxed ? 'complete' : null,
    },
    billing_reason: news.reason,
    currency: subscription.currency,
    customer_tax_ids: taxIdsOf(context, customer.id).map(({ type, value }) => ({ type, value })),
    description: subscription.description,
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    parent: {
      quote_details: null,
      subscription_details: {
        metadata: { ...subscription.metadata },
        subscription: subscription.id,
        ...(news.proration_date !== undefined && {
          subscription_proration_date: news.proration_date,
        }),
      },
      type: 'subscription_details',
    },
    period_end: news.period.end,
    period_start: news.period.start,
    starting_balance: customer.balance,
    subtotal: totals.subtotal,
    subtotal_excluding_tax: totals.total_excluding_tax,
    total: totals.total,
    total_excluding_tax: totals.total_excluding_tax,
    total_taxes: lines.length > 0 && taxed ? [totalTax(lines)] : [],
  };
}

/**
 * What is due, and what the customer's balance is afterwards: it is used up first, takes what
 * comes back, and takes an amount that is too small to be charged. Below zero is the customer's.
 */
export function settledBalance(invoice: Invoice): { amount_due: number; balance: number } {
  const sum = invoice.total + invoice.starting_balance;
  if (sum < minimumMinor(invoice.currency)) return { amount_due: 0, balance: sum };
  return { amount_due: sum, balance: 0 };
}

function totalsOf(lines: readonly InvoiceLine[]): Totals {
  const taxes = lines.flatMap((line) => line.taxes ?? []);
  const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);
  const subtotal = sum(lines.map(({ amount }) => amount));
  const tax = sum(taxes.map(({ amount }) => amount));
  const within = sum(
    taxes.map(({ amount, tax_behavior }) => (tax_behavior === 'inclusive' ? amount : 0)),
  );
  const total_excluding_tax = subtotal - within;
  return { subtotal, tax, total: total_excluding_tax + tax, total_excluding_tax };
}

function totalTax(lines: readonly InvoiceLine[]): Stripe.Invoice.TotalTax {
  const taxes = lines.flatMap((line) => line.taxes ?? []);
  const [first] = taxes;
  return {
    amount: taxes.reduce((all, { amount }) => all + amount, 0),
    tax_behavior: first?.tax_behavior ?? 'exclusive',
    tax_rate_details: { tax_rate: 'txr_stand_in' },
    taxability_reason: first?.taxability_reason ?? 'standard_rated',
    taxable_amount: taxes.reduce((all, { taxable_amount }) => all + (taxable_amount ?? 0), 0),
    type: 'tax_rate_details',
  };
}

type Filled =
  | 'automatic_tax'
  | 'billing_reason'
  | 'currency'
  | 'customer_tax_ids'
  | 'lines'
  | 'parent'
  | 'period_end'
  | 'period_start'
  | 'subtotal'
  | 'subtotal_excluding_tax'
  | 'total'
  | 'total_excluding_tax'
  | 'total_taxes';

/** What is the same on every draft, and what it says of the customer. */
function blankInvoice(id: string, customer: Stripe.Customer): Omit<Invoice, Filled> {
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Stand-in',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatically_finalizes_at: null,
    collection_method: 'charge_automatically',
    created: nowSeconds(),
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    test_clock: null,
    total_discount_amounts: [],
    total_pretax_credit_amounts: [],
    webhooks_delivered_at: null,
  };
}
