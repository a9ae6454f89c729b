import { nowSeconds, type Context } from '../context.ts';
import { parameterError } from '../errors.ts';
import { changedMetadata } from '../parameters.ts';
import { amountOf } from './lines.ts';
import type { LineDraft, SubscriptionItem, SubscriptionRecord } from './objects.ts';
import { dayText } from './periods.ts';
import { findPrice } from './prices.ts';
import { planOf } from './subscription-object.ts';
import type { ChangeParameters } from './subscription-parameters.ts';
import { nameOf, periodOf } from './subscriptions.ts';

/** What a change of items comes to, before anything is changed. */
export interface PlannedChange {
  items: SubscriptionItem[];
  /** What comes back for time that was billed, and what is due for the rest of the period. */
  prorations: LineDraft[];
  proration_date: number;
  billed: Record<string, number>;
  /** Whether a new period begins at once: another rhythm, the first price, a trial that is ended. */
  restarts: boolean;
}

/** Works out a change of items and what it costs; changes nothing. Throws a StripeError. */
export function planChange(
  context: Context,
  record: SubscriptionRecord,
  change: Pick<ChangeParameters, 'items' | 'proration_behavior' | 'proration_date' | 'trial_end'>,
): PlannedChange {
  const { subscription } = record;
  const before = subscription.items.data;
  const items = itemsAfter(context, before, change.items ?? []);
  const proration_date = change.proration_date ?? nowSeconds();
  const { start, end } = periodOf(subscription);
  if (proration_date < start || proration_date > end) {
    const message = 'The `proration_date` must be within the current billing period.';
    throw parameterError('proration_date', undefined, message);
  }
  const trial = subscription.status === 'trialing';
  const restarts = trial ? change.trial_end === 'now' : isRestart(before, items);
  const prorated = !trial && change.proration_behavior !== 'none';
  const changed = prorated ? items.filter((item) => restarts || isChanged(before, item)) : [];
  const rest = { date: proration_date, end, fraction: (end - proration_date) / (end - start) };
  const prorations = changed.flatMap((item) => {
    const old = before.find(({ id }) => id === item.id) ?? item;
    return [
      unused(context, old, record.billed[item.id] ?? 0, rest),
      ...(restarts ? [] : [remaining(context, item, rest)]),
    ];
  });
  const billed = Object.fromEntries(changed.map((item) => [item.id, amountOf(item)]));
  return {
    items,
    prorations: prorations.filter(({ amount }) => amount !== 0),
    proration_date,
    billed: { ...record.billed, ...billed },
    restarts,
  };
}

function itemsAfter(
  context: Context,
  before: readonly SubscriptionItem[],
  changes: NonNullable<ChangeParameters['items']>,
): SubscriptionItem[] {
  for (const [index, { id }] of changes.entries()) {
    if (before.some((item) => item.id === id)) continue;
    const param = `items[${index}][id]`;
    const message =
      id === undefined
        ? 'This stand-in for Stripe does not add items to a subscription: say which one changes.'
        : `No such subscription item: '${id}'`;
    const code = id === undefined ? 'stand_in_unsupported' : 'resource_missing';
    throw parameterError(param, code, message);
  }
  const after = before.map((item) => {
    const index = changes.findIndex(({ id }) => id === item.id);
    const change = changes[index];
    if (change === undefined) return item;
    const price =
      change.price === undefined
        ? item.price
        : findPrice(context, change.price, `items[${index}][price]`);
    const metadata = changedMetadata(item.metadata, change.metadata);
    const quantity = change.quantity ?? item.quantity;
    return { ...item, metadata, plan: planOf(price), price, quantity };
  });
  checkPrices(before, after);
  return after;
}

function checkPrices(
  before: readonly SubscriptionItem[],
  after: readonly SubscriptionItem[],
): void {
  const currency = before[0]?.price.currency;
  for (const { price } of after) {
    if (price.recurring === null) {
      const message = `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`;
      throw parameterError('items[0][price]', undefined, message);
    }
    if (price.currency === currency) continue;
    const message = `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency ?? ''}\`.`;
    throw parameterError('items[0][price]', undefined, message);
  }
  if (new Set(after.map(rhythmOf)).size < 2) return;
  const message = 'This stand-in for Stripe does not mix billing intervals in one subscription.';
  throw parameterError('items', 'stand_in_unsupported', message);
}

function isRestart(before: readonly SubscriptionItem[], after: readonly SubscriptionItem[]) {
  const sum = (items: readonly SubscriptionItem[]): number =>
    items.reduce((all, item) => all + amountOf(item), 0);
  const [first, now] = [before[0], after[0]];
  const sameRhythm = first === undefined || now === undefined || rhythmOf(first) === rhythmOf(now);
  return !sameRhythm || (sum(before) === 0 && sum(after) > 0);
}

function rhythmOf({ price }: SubscriptionItem): string {
  return `${price.recurring?.interval_count ?? 1} ${price.recurring?.interval ?? ''}`;
}

function isChanged(before: readonly SubscriptionItem[], { id, price, quantity }: SubscriptionItem) {
  const old = before.find((item) => item.id === id);
  return old?.price.id !== price.id || old.quantity !== quantity;
}

interface Rest {
  date: number;
  end: number;
  /** How much of the period is left. */
  fraction: number;
}

/** What was billed and is not used comes back: also when less than the price was billed. */
function unused(
  context: Context,
  item: SubscriptionItem,
  billed: number,
  { date, end, fraction }: Rest,
): LineDraft {
  const description = `Unused time on ${textOf(context, item)} after ${dayText(date)}`;
  const amount = -Math.round(billed * fraction);
  return { ...draftOf(item), amount, description, period: { start: date, end } };
}

function remaining(
  context: Context,
  item: SubscriptionItem,
  { date, end, fraction }: Rest,
): LineDraft {
  const description = `Remaining time on ${textOf(context, item)} after ${dayText(date)}`;
  const amount = Math.round(amountOf(item) * fraction);
  return { ...draftOf(item), amount, description, period: { start: date, end } };
}

function draftOf({ id, price, quantity }: SubscriptionItem) {
  return { price, proration: true, quantity, subscription_item: id };
}

function textOf(context: Context, item: SubscriptionItem): string {
  const name = nameOf(context, item);
  return item.quantity === 1 ? name : `${item.quantity} × ${name}`;
}
