import { z } from 'zod';
import { Metadata, currency, idOrObject, minor, minorOrNull } from '../stripe-objects.ts';

/*
 * What Stripe says of subscriptions and their invoices, read as in stripe-objects.ts. Where periods,
 * proration and the subscription of an invoice stand has changed over the API's versions.
 */

const seconds = z.int().nullish();
const dateOf = (unix: number): Date => new Date(unix * 1000);

const Item = z.looseObject({
  id: z.string().min(1),
  current_period_start: seconds,
  current_period_end: seconds,
});

export const StripeSubscription = z
  .looseObject({
    object: z.literal('subscription'),
    id: z.string().min(1),
    status: z.string(),
    cancel_at_period_end: z.boolean().nullish(),
    cancel_at: seconds,
    current_period_start: seconds,
    current_period_end: seconds,
    trial_end: seconds,
    items: z.looseObject({ data: z.array(Item) }),
    latest_invoice: z.unknown(),
    metadata: Metadata,
  })
  .transform((told) => {
    const [item] = told.items.data;
    const starts = item?.current_period_start ?? told.current_period_start;
    const ends = item?.current_period_end ?? told.current_period_end;
    return {
      id: told.id,
      status: told.status,
      item_id: item?.id ?? null,
      cancels: told.cancel_at_period_end === true || typeof told.cancel_at === 'number',
      period: starts && ends ? { starts_at: dateOf(starts), ends_at: dateOf(ends) } : undefined,
      trial_ends_at: told.trial_end ? dateOf(told.trial_end) : null,
      latest_invoice: told.latest_invoice,
      scrip_subscription: told.metadata.scrip_subscription,
    };
  });
export type StripeSubscription = z.output<typeof StripeSubscription>;

const InvoiceLine = z
  .looseObject({
    amount: minor,
    period: z.looseObject({ start: z.int(), end: z.int() }),
    proration: z.boolean().nullish(),
    parent: z
      .looseObject({
        subscription_item_details: z.looseObject({ proration: z.boolean().nullish() }).nullish(),
        invoice_item_details: z.looseObject({ proration: z.boolean().nullish() }).nullish(),
      })
      .nullish(),
  })
  .transform(({ amount, period, proration, parent }) => ({
    amount,
    starts_at: dateOf(period.start),
    ends_at: dateOf(period.end),
    prorated:
      proration === true ||
      parent?.subscription_item_details?.proration === true ||
      parent?.invoice_item_details?.proration === true,
  }));

const Details = z.looseObject({ subscription: idOrObject, metadata: Metadata }).nullish();

export const StripeInvoice = z
  .looseObject({
    object: z.literal('invoice'),
    id: z.string().min(1),
    created: seconds,
    status: z.string().nullish(),
    status_transitions: z.looseObject({ paid_at: seconds }).nullish(),
    billing_reason: z.string().nullish(),
    currency,
    subtotal: minor,
    subtotal_excluding_tax: minorOrNull,
    total: minor,
    total_excluding_tax: minorOrNull,
    amount_paid: minor,
    paid_out_of_band: z.boolean().nullish(),
    attempt_count: z.int().nullish(),
    hosted_invoice_url: z.url().nullish(),
    payment_intent: idOrObject,
    subscription: idOrObject,
    subscription_details: Details,
    parent: z.looseObject({ subscription_details: Details }).nullish(),
    lines: z.looseObject({ data: z.array(InvoiceLine) }),
  })
  .transform(({ parent, subscription_details, lines, ...told }) => {
    const details = parent?.subscription_details ?? subscription_details;
    return {
      ...told,
      billing_reason: told.billing_reason ?? '',
      attempt_count: told.attempt_count ?? 0,
      hosted_invoice_url: told.hosted_invoice_url ?? null,
      /** Unix time in seconds. */
      paid_at: told.status_transitions?.paid_at ?? told.created ?? 0,
      subtotal: told.subtotal_excluding_tax ?? told.subtotal,
      /** What is compared and what credits cost: less discount, without tax. */
      net: told.total_excluding_tax ?? told.total,
      subscription: details?.subscription ?? told.subscription,
      metadata: details?.metadata ?? {},
      lines: lines.data,
    };
  });
export type StripeInvoice = z.output<typeof StripeInvoice>;
