import { nowSeconds, type Context } from '../context.ts';
import { findCustomer } from '../customers.ts';
import { StripeError } from '../errors.ts';
import { changedMetadata } from '../parameters.ts';
import { planChange } from './changes.ts';
import { makeInvoice, settledBalance } from './invoice-object.ts';
import type { Invoice } from './objects.ts';
import { fullPeriod } from './period-start.ts';
import type { PreviewParameters } from './subscription-parameters.ts';
import { findSubscription, periodOf } from './subscriptions.ts';
import { linesNow } from './updates.ts';

/**
 * The next invoice of a subscription as a change would make it: the one that comes at once, where
 * the change makes one, or else the renewal. Nothing is stored. Throws a StripeError.
 */
export function previewInvoice(
  context: Context,
  { subscription: id, subscription_details: details = {} }: PreviewParameters,
): Invoice {
  const record = findSubscription(context, id, 'subscription');
  const customer = findCustomer(context, record.subscription.customer);
  const planned = planChange(context, record, details);
  const { items, prorations, proration_date, restarts } = planned;
  const now = linesNow(context, record, planned, details.proration_behavior);
  const atOnce = restarts || now.length > 0;
  const ends = details.cancel_at_period_end ?? record.subscription.cancel_at_period_end;
  if (record.subscription.status === 'canceled' || (ends && !atOnce)) throw noneUpcoming();
  const { billing_cycle_anchor: anchor } = record.subscription;
  const { start, end } = periodOf(record.subscription);
  const next = fullPeriod(context, { anchor, items, start: end });
  const drafts = atOnce ? now : [...record.pending, ...prorations, ...next.full];
  const metadata = changedMetadata(record.subscription.metadata, details.metadata);
  const invoice = makeInvoice(context, {
    customer,
    subscription: { ...record.subscription, metadata },
    reason: atOnce ? 'subscription_update' : 'subscription_cycle',
    drafts,
    period: atOnce ? { start: nowSeconds(), end: nowSeconds() } : { start, end },
    ...(details.items !== undefined && { proration_date }),
  });
  const { amount_due, balance } = settledBalance(invoice);
  return {
    ...invoice,
    id: `upcoming_${invoice.id}`,
    amount_due,
    amount_remaining: amount_due,
    billing_reason: atOnce ? invoice.billing_reason : 'upcoming',
    created: atOnce ? nowSeconds() : end,
    ending_balance: balance,
    next_payment_attempt: atOnce ? null : end,
  };
}

function noneUpcoming(): StripeError {
  return new StripeError({
    status: 404,
    code: 'invoice_upcoming_none',
    message: 'No upcoming invoices for the subscription.',
  });
}
