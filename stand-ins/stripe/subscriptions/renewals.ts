import { nowSeconds, type Context } from '../context.ts';
import { emitEvent, type EventNews } from '../events.ts';
import { collect, payingCard } from './collection.ts';
import { subscriptionOf } from './invoices.ts';
import type { Invoice, SubscriptionRecord } from './objects.ts';
import { startPeriod } from './period-start.ts';
import { endSubscription, findSubscription, periodOf } from './subscriptions.ts';

const TRIAL_NOTICE_SECONDS = 3 * 24 * 3600;

/** Something that is to happen at a moment, in Unix seconds. */
interface Due {
  at: number;
  happen: (event: EventNews) => void;
}

/**
 * Lets happen, in order and each at its own moment by this server's clock, all that is due up to
 * `until`. Answers whether there was anything; the caller saves.
 */
export function runDue(context: Context, until: number, event: EventNews = {}): boolean {
  const { clock } = context.store;
  let happened = false;
  try {
    for (let due = nextDue(context); due !== undefined && due.at <= until;) {
      clock.standing_at = due.at;
      due.happen(event);
      happened = true;
      due = nextDue(context);
    }
  } finally {
    clock.standing_at = null;
  }
  return happened;
}

/** Works off what has become due, and saves if there was anything. */
export function runOverdue(context: Context): void {
  if (runDue(context, nowSeconds())) context.store.save();
}

function nextDue(context: Context): Due | undefined {
  const periods = [...context.store.subscriptions.values()]
    .filter(({ subscription }) => subscription.status !== 'canceled')
    .flatMap((record) => duesOf(context, record));
  const retries = [...context.store.invoices.values()].flatMap((invoice) => {
    const at = invoice.next_payment_attempt;
    if (at === null) return [];
    return [{ at, happen: (event: EventNews) => retry(context, invoice, event) }];
  });
  return [...periods, ...retries].reduce<Due | undefined>(
    (first, due) => (first !== undefined && first.at <= due.at ? first : due),
    undefined,
  );
}

/** Of two that are due at the same moment the first one here happens first. */
function duesOf(context: Context, record: SubscriptionRecord): Due[] {
  const { subscription, trial_end_told } = record;
  const { cancel_at, start_date, status, trial_end } = subscription;
  const dues: Due[] = [];
  if (status === 'trialing' && trial_end !== null && !trial_end_told) {
    const at = Math.max(start_date, trial_end - TRIAL_NOTICE_SECONDS);
    dues.push({ at, happen: (event) => tellTrialEnd(context, record, event) });
  }
  if (cancel_at !== null) {
    const happen = (event: EventNews): void => {
      endSubscription(context, record, 'cancellation_requested', event);
    };
    dues.push({ at: cancel_at, happen });
  }
  const { end } = periodOf(subscription);
  dues.push({ at: end, happen: (event) => renew(context, record, event) });
  return dues;
}

/** Tries a payment once more; after the last try the subscription ends. */
function retry(context: Context, invoice: Invoice, event: EventNews): void {
  const record = findSubscription(context, subscriptionOf(invoice));
  const outcome = collect(context, record, invoice, { automatic: true }, event);
  if (outcome !== 'paid' && invoice.next_payment_attempt === null) {
    endSubscription(context, record, 'payment_failed', event);
  }
}

function tellTrialEnd(context: Context, record: SubscriptionRecord, event: EventNews): void {
  record.trial_end_told = true;
  const type = 'customer.subscription.trial_will_end';
  emitEvent(context, { type, object: record.subscription, ...event });
}

/**
 * Begins the next period where the last one ends and takes its money; a trial ends this way too,
 * or with the subscription, when there is no card and it was made so.
 */
function renew(context: Context, record: SubscriptionRecord, event: EventNews): void {
  const { subscription } = record;
  const last = periodOf(subscription);
  if (
    subscription.status === 'trialing' &&
    subscription.trial_settings?.end_behavior.missing_payment_method === 'cancel' &&
    payingCard(context, record) === undefined
  ) {
    endSubscription(context, record, 'cancellation_requested', event);
    return;
  }
  const planned = {
    anchor: subscription.billing_cycle_anchor,
    items: subscription.items.data,
    reason: 'subscription_cycle' as const,
    start: last.end,
    lookBack: last,
  };
  startPeriod(context, record, planned, event);
}
