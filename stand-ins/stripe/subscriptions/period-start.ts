import type { Context } from '../context.ts';
import type { EventNews } from '../events.ts';
import { finalizeAndCollect } from './collection.ts';
import { createInvoice } from './invoices.ts';
import { amountOf, fullLine } from './lines.ts';
import type { LineDraft, Subscription, SubscriptionItem, SubscriptionRecord } from './objects.ts';
import { periodEnd } from './periods.ts';
import { changeSubscription, nameOf } from './subscriptions.ts';

/** A period that is to begin. */
export interface NewPeriod {
  anchor: number;
  items: readonly SubscriptionItem[];
  reason: 'subscription_cycle' | 'subscription_update';
  start: number;
  /** The time that the invoice looks back on. */
  lookBack: LineDraft['period'];
  /** What else changes at the same time. */
  apply?: (subscription: Subscription) => void;
}

/** Begins a period with an invoice for it and for what was left to the next invoice. */
export function startPeriod(
  context: Context,
  record: SubscriptionRecord,
  planned: NewPeriod,
  event: EventNews,
): void {
  const { subscription } = record;
  const { items, reason, lookBack } = planned;
  const { period, full } = fullPeriod(context, planned);
  const drafts = [...record.pending, ...full];
  const order = { subscription, reason, drafts, period: lookBack };
  const invoice = createInvoice(context, order, event);
  record.pending = [];
  record.billed = billedFor(items);
  changeSubscription(
    context,
    record,
    (changed) => {
      planned.apply?.(changed);
      changed.billing_cycle_anchor = planned.anchor;
      changed.items.data = items.map((item) => ({
        ...item,
        current_period_start: period.start,
        current_period_end: period.end,
      }));
      changed.latest_invoice = invoice.id;
      if (changed.cancel_at_period_end) changed.cancel_at = period.end;
      if (changed.status === 'trialing') changed.status = 'active';
    },
    event,
  );
  finalizeAndCollect(context, record, invoice, event);
}

/** When a period that begins ends, and the lines that are paid for it. */
export function fullPeriod(
  context: Context,
  { anchor, items, start }: Pick<NewPeriod, 'anchor' | 'items' | 'start'>,
): { period: LineDraft['period']; full: LineDraft[] } {
  const rhythm = items[0]?.price.recurring;
  if (!rhythm) throw new Error('A subscription has no recurring price');
  const period = { start, end: periodEnd(anchor, rhythm, start) };
  return { period, full: items.map((item) => fullLine(item, nameOf(context, item), period)) };
}

/** What is billed for a whole period, by item. */
export function billedFor(items: readonly SubscriptionItem[]): Record<string, number> {
  return Object.fromEntries(items.map((item) => [item.id, amountOf(item)]));
}
