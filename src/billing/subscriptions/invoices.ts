import type { Trx } from '../../lib/database.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { creditsOfPeriod } from '../../core/plan-terms.ts';
import { issueInvoice } from '../invoices.ts';
import { grantPlan } from '../plans/grants.ts';
import { type PlanPrice, findPlanPrice } from '../plans.ts';
import { confirmPlanPromo, grantPlanPromo } from '../promo-codes/plans.ts';
import { bookInvoice, isBooked } from './payments.ts';
import type { StripeInvoice } from './objects.ts';
import { type SubscriptionNames, workOnSubscription } from './told.ts';
import { becomeCurrent, laterOf } from './updates.ts';
import { type Subscription, updateSubscription } from '../subscriptions.ts';
import { takeInUpgrade, upgradeOf } from './upgrades.ts';

/** A paid invoice with the subscription that it is of, locked. */
export interface PaidInvoice {
  subscription: Subscription;
  invoice: StripeInvoice;
  /** When Stripe said so, in Unix seconds. */
  told_at: number;
}

/**
 * What a paid invoice of a subscription grants: nothing else grants what a plan gives. For the
 * webhook and for whoever asks Stripe: once for each invoice and each period, in any order.
 */
export async function workOfPaidInvoice(
  context: EventContext,
  invoice: StripeInvoice,
  told_at: number,
): Promise<EventWork | undefined> {
  return workOnSubscription(context, namesIn(invoice), (trx, subscription) =>
    takeIn(trx, { subscription, invoice, told_at }),
  );
}

/** How an invoice names its subscription. */
export function namesIn({ subscription, metadata }: StripeInvoice): SubscriptionNames {
  return { id: subscription, scrip_subscription: metadata.scrip_subscription };
}

async function takeIn(trx: Trx, paid: PaidInvoice): Promise<EventResult> {
  const { invoice, subscription } = paid;
  if (await isBooked(trx, invoice.id)) return { state: 'done', note: 'was booked before' };
  const change = await upgradeOf(trx, paid);
  if (change !== undefined) return takeInUpgrade(trx, paid, change);
  // A trial begins with an invoice of nothing: its credits come when its card was looked at.
  if (invoice.total <= 0n) return { state: 'done', note: 'nothing was to be paid' };
  const plan = await planOf(trx, paid);
  const note = await differenceOf(trx, paid, plan);
  if (note !== undefined || plan === undefined) return { state: 'flagged', ...(note && { note }) };
  return grantPeriod(trx, paid, plan, subscription.status === 'cancelled');
}

/** What the invoice says that it is for, else what is next. */
async function planOf(
  trx: Trx,
  { subscription, invoice }: PaidInvoice,
): Promise<PlanPrice | undefined> {
  const { plan_price_id, next_plan_price_id } = subscription;
  const said = invoice.metadata.scrip_plan_price;
  return findPlanPrice(trx, said ?? next_plan_price_id ?? plan_price_id);
}

/** Why a paid invoice is not for one period at the price that we hold; undefined when it is. */
async function differenceOf(
  trx: Trx,
  { subscription, invoice }: PaidInvoice,
  plan: PlanPrice | undefined,
): Promise<string | undefined> {
  if (plan === undefined) return 'it is for a price that is not ours';
  const { currency, net, total, amount_paid, billing_reason, paid_out_of_band } = invoice;
  if (currency !== plan.currency) return `paid in ${currency}, ${plan.name} is in ${plan.currency}`;
  if (net !== plan.price_minor) {
    return `paid ${net}, a ${plan.period} of ${plan.name} costs ${plan.price_minor} minor units`;
  }
  if (amount_paid < total && paid_out_of_band !== true) {
    return `${amount_paid} of ${total} minor units were paid`;
  }
  const line = periodOf(invoice);
  if (line === undefined) return 'it does not say for which period it is';
  if (billing_reason === 'subscription_create' || billing_reason === 'subscription_cycle') {
    return (await isGranted(trx, subscription, line.starts_at))
      ? 'the period was paid for before'
      : undefined;
  }
  // A trial that ends at once is an update to Stripe.
  const isFirst = billing_reason === 'subscription_update' && !(await isGranted(trx, subscription));
  return isFirst ? undefined : `${billing_reason}: no period begins with it`;
}

/** The period that is paid for, as against what was added for others or given back of them. */
export function periodOf(invoice: StripeInvoice): { starts_at: Date; ends_at: Date } | undefined {
  const [line, ...others] = invoice.lines.filter(
    ({ prorated, amount }) => !prorated && amount > 0n,
  );
  return others.length === 0 ? line : undefined;
}

async function isGranted(trx: Trx, subscription: Subscription, starts_at?: Date): Promise<boolean> {
  const found = await trx
    .selectFrom('plan_grants')
    .select('id')
    .where('subscription_id', '=', subscription.id)
    .where('kind', '=', 'period')
    .$if(starts_at !== undefined, (all) => all.where('starts_at', '=', starts_at ?? new Date(0)))
    .executeTakeFirst();
  return found !== undefined;
}

async function grantPeriod(
  trx: Trx,
  { subscription, invoice, told_at }: PaidInvoice,
  plan: PlanPrice,
  isOver: boolean,
): Promise<EventResult> {
  const period = periodOf(invoice);
  const credits_micro = creditsOfPeriod(plan);
  if (period === undefined) throw new Error(`invoice ${invoice.id} has no period`);
  // Unlimited ended with the subscription: what was paid for cannot be given any more.
  if (isOver && credits_micro === null) {
    return { state: 'flagged', note: 'paid after the end of the subscription' };
  }
  // Before any wallet is locked, and before the subscription is changed.
  const promo = await confirmPlanPromo(trx, subscription, plan);
  const isCurrent = !isOver && (await becomeCurrent(trx, subscription));
  const { starts_at, ends_at } = period;
  const span = { starts_at, ends_at };
  const booked = { subscription, invoice, plan, credits_micro, promo, ...span };
  const payment = await bookInvoice(trx, booked);
  await grantPlan(trx, {
    ...{ subscription, kind: 'period', plan, credits_micro, payment, now: new Date() },
    ...span,
  });
  if (promo !== undefined) {
    await grantPlanPromo(trx, subscription, { payment_id: payment.id, promo });
  }
  if (isCurrent) await renew(trx, { subscription, invoice, told_at }, plan, period);
  // The last of all: its series is locked from here on, for everybody who sells.
  await issueInvoice(trx, payment.id, payment.lines);
  if (!isCurrent) {
    const note = isOver ? 'the subscription has ended' : 'the workspace has another plan';
    return { state: 'flagged', note: `granted, but ${note}: look whether it goes on at Stripe` };
  }
  return { state: 'done' };
}

/** The subscription as the newest paid period leaves it; one that was paid late changes nothing. */
async function renew(
  trx: Trx,
  { subscription, invoice, told_at }: PaidInvoice,
  plan: PlanPrice,
  period: { starts_at: Date; ends_at: Date },
): Promise<void> {
  const { current_period_starts_at: known, state_at, status } = subscription;
  const isNewest = status === 'incomplete' || known === null || period.starts_at >= known;
  if (!isNewest) return;
  const isNews = state_at === null || told_at * 1000 >= state_at.getTime();
  await updateSubscription(trx, subscription.id, {
    ...(isNews || status === 'incomplete' ? { status: 'active' } : {}),
    stripe_subscription_id: invoice.subscription ?? subscription.stripe_subscription_id,
    plan_id: plan.plan_id,
    plan_price_id: plan.id,
    next_plan_price_id: null,
    current_period_starts_at: period.starts_at,
    current_period_ends_at: period.ends_at,
    past_due_at: null,
    open_invoice_url: null,
    state_at: laterOf(state_at, told_at),
  });
}
