import type { Call } from '../api.ts';
import { chargeSavedCard } from '../charging.ts';
import { nowSeconds, type Context } from '../context.ts';
import { findCustomer } from '../customers.ts';
import { parameterError, StripeError } from '../errors.ts';
import type { EventNews } from '../events.ts';
import { cardError } from '../intent-confirmation.ts';
import { changedMetadata } from '../parameters.ts';
import { attachMethod, methodFor } from '../payment-methods.ts';
import { planEnd, tell } from './cancellations.ts';
import { planChange, type PlannedChange } from './changes.ts';
import { finalizeAndCollect, payingCard, takeForced } from './collection.ts';
import { makeInvoice, settledBalance } from './invoice-object.ts';
import { createInvoice } from './invoices.ts';
import type { LineDraft, Subscription, SubscriptionRecord } from './objects.ts';
import { fullPeriod, startPeriod } from './period-start.ts';
import type { SubscriptionUpdateParameters } from './subscription-parameters.ts';
import { changeSubscription, findSubscription } from './subscriptions.ts';

const REASON = 'subscription_update';

/**
 * Changes a subscription: its items with what that costs, its end, its card, its metadata. Throws
 * a StripeError, also the 402 of a card when the change is not to be made without its money.
 */
export function updateSubscription(
  context: Context,
  parameters: SubscriptionUpdateParameters,
  { id, request }: Call,
): Subscription {
  const record = findSubscription(context, id);
  refuseWhatIsNotDone(parameters);
  refuseWhatHasEnded(record, parameters);
  const event = { request };
  const apply = applying(context, record, parameters);
  if (parameters.items === undefined && parameters.trial_end === undefined) {
    changeSubscription(context, record, apply, event);
    return record.subscription;
  }
  const planned = planChange(context, record, parameters);
  const drafts = linesNow(context, record, planned, parameters.proration_behavior);
  if (parameters.payment_behavior === 'error_if_incomplete' && drafts.length > 0) {
    requireMoney(context, record, drafts, event);
  }
  make(context, record, { planned, apply, invoiced: drafts.length > 0 }, event);
  return record.subscription;
}

/** The lines of the invoice that a change makes at once; none when it waits for the next one. */
export function linesNow(
  context: Context,
  record: SubscriptionRecord,
  { items, prorations, restarts }: PlannedChange,
  behavior: SubscriptionUpdateParameters['proration_behavior'],
): LineDraft[] {
  const waiting = [...record.pending, ...prorations];
  if (restarts) {
    const now = nowSeconds();
    return [...waiting, ...fullPeriod(context, { anchor: now, items, start: now }).full];
  }
  return behavior === 'always_invoice' ? waiting : [];
}

function make(
  context: Context,
  record: SubscriptionRecord,
  {
    planned,
    apply,
    invoiced,
  }: { planned: PlannedChange; apply: (subscription: Subscription) => void; invoiced: boolean },
  event: EventNews,
): void {
  const { items, proration_date } = planned;
  const now = nowSeconds();
  const lookBack = { start: now, end: now };
  record.pending = [...record.pending, ...planned.prorations];
  record.billed = planned.billed;
  if (planned.restarts) {
    const endTrial = (subscription: Subscription): void => {
      apply(subscription);
      if (subscription.status === 'trialing') subscription.trial_end = now;
    };
    const period = { anchor: now, items, reason: REASON, start: now, lookBack } as const;
    startPeriod(context, record, { ...period, apply: endTrial }, event);
    return;
  }
  const change = (subscription: Subscription): void => {
    apply(subscription);
    subscription.items.data = items;
  };
  if (!invoiced) {
    changeSubscription(context, record, change, event);
    return;
  }
  const { subscription, pending: drafts } = record;
  const order = { subscription, reason: REASON, drafts, period: lookBack, proration_date } as const;
  const invoice = createInvoice(context, order, event);
  record.pending = [];
  changeSubscription(
    context,
    record,
    (changed) => {
      change(changed);
      changed.latest_invoice = invoice.id;
    },
    event,
  );
  finalizeAndCollect(context, record, invoice, event);
}

/** Throws the 402 StripeError of the card that would have to pay, if it does not. */
function requireMoney(
  context: Context,
  record: SubscriptionRecord,
  drafts: readonly LineDraft[],
  event: EventNews,
): void {
  const { subscription, forced } = record;
  const customer = findCustomer(context, subscription.customer);
  const period = { start: 0, end: 0 };
  const order = { customer, subscription, reason: REASON, drafts, period } as const;
  const { amount_due: amount } = settledBalance(makeInvoice(context, order));
  if (amount === 0) return;
  const card = payingCard(context, record);
  if (card === undefined) {
    const message =
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method.';
    throw new StripeError({ status: 400, code: 'resource_missing', message });
  }
  const behaviour = forced?.behaviour ?? card.later;
  if (behaviour === 'pays') return;
  takeForced(record);
  const { currency, customer: id } = subscription;
  const { payment_method } = card;
  const data = { amount, currency, customer: id, description: 'Subscription update' };
  throw cardError(chargeSavedCard(context, { ...data, payment_method, behaviour }, event));
}

/** What the parameters change beside the items. */
function applying(
  context: Context,
  { subscription: current }: SubscriptionRecord,
  parameters: SubscriptionUpdateParameters,
): (subscription: Subscription) => void {
  const { automatic_tax, cancel_at_period_end, description, default_payment_method } = parameters;
  const method =
    default_payment_method === undefined
      ? undefined
      : methodFor(context, default_payment_method, current.customer);
  if (method !== undefined) attachMethod(context, method, current.customer);
  return (subscription) => {
    if (cancel_at_period_end !== undefined) planEnd(subscription, cancel_at_period_end);
    tell(subscription, parameters.cancellation_details);
    if (automatic_tax !== undefined) subscription.automatic_tax.enabled = automatic_tax.enabled;
    if (description !== undefined) subscription.description = description || null;
    if (method !== undefined) subscription.default_payment_method = method.id;
    subscription.metadata = changedMetadata(subscription.metadata, parameters.metadata);
  };
}

function refuseWhatIsNotDone({ payment_behavior }: SubscriptionUpdateParameters): void {
  if (payment_behavior !== 'default_incomplete' && payment_behavior !== 'pending_if_incomplete') {
    return;
  }
  const message = `This stand-in for Stripe does not do payment_behavior=${payment_behavior}, only allow_incomplete and error_if_incomplete.`;
  throw parameterError('payment_behavior', 'stand_in_unsupported', message);
}

/** Of what has ended only this can be changed. */
const CHANGED_LATE = ['cancellation_details', 'expand', 'metadata'];

function refuseWhatHasEnded(
  { subscription }: SubscriptionRecord,
  parameters: SubscriptionUpdateParameters,
): void {
  const others = Object.entries(parameters).some(
    ([name, value]) => value !== undefined && !CHANGED_LATE.includes(name),
  );
  if (subscription.status !== 'canceled' || !others) return;
  const message = 'A canceled subscription can only update its cancellation_details and metadata.';
  throw new StripeError({ status: 400, message });
}
