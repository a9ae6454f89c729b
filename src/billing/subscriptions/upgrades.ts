import { sql } from 'kysely';
import { upgradeCredits } from '../../core/plan-terms.ts';
import type { Trx } from '../../lib/database.ts';
import type { EventResult } from '../events/event.ts';
import { issueInvoice } from '../invoices.ts';
import { grantPlan } from '../plans/grants.ts';
import { findPlanPrice } from '../plans.ts';
import {
  type SubscriptionChange,
  findChange,
  settleChange,
  ungrantedUpgradeOf,
} from './changes.ts';
import type { StripeInvoice } from './objects.ts';
import { bookInvoice } from './payments.ts';
import { type Subscription, updateSubscription } from '../subscriptions.ts';

interface PaidUpgrade {
  /** Locked. */
  subscription: Subscription;
  invoice: StripeInvoice;
}

/**
 * The upgrade that an invoice is for: the one that has granted nothing yet, of which there is one at
 * a time. What the invoice keeps of the metadata may be from before the change.
 */
export async function upgradeOf(
  trx: Trx,
  { subscription, invoice }: PaidUpgrade,
): Promise<SubscriptionChange | undefined> {
  if (invoice.billing_reason !== 'subscription_update') return undefined;
  const open = await ungrantedUpgradeOf(trx, subscription.id);
  return open && findChange(trx, open.id);
}

/**
 * An upgrade is paid: grants the new plan's credits for the time that was bought, less the old one's
 * for the time that was left, and no more than was paid for.
 */
export async function takeInUpgrade(
  trx: Trx,
  { subscription, invoice }: PaidUpgrade,
  change: SubscriptionChange,
): Promise<EventResult> {
  const from = await findPlanPrice(trx, change.from_plan_price_id);
  const plan = await findPlanPrice(trx, change.to_plan_price_id);
  const starts_at = change.prorated_at;
  if (from === undefined || plan === undefined || starts_at === null) {
    throw new Error(`change ${change.id} is no upgrade`);
  }
  if (invoice.currency !== plan.currency) {
    return { state: 'flagged', note: `paid in ${invoice.currency}, not in ${plan.currency}` };
  }
  const period = await paidPeriodAt(trx, subscription.id, starts_at);
  if (period === undefined)
    return { state: 'flagged', note: 'it upgrades no period that was paid' };
  const remaining = { rest: secondsTo(period.ends_at, starts_at), whole: lengthOf(period) };
  const credits_micro = upgradeCredits(from, plan, remaining, paidOf(invoice));
  const ends_at = plan.period === from.period ? period.ends_at : endOf(invoice);
  if (credits_micro === null && subscription.status === 'cancelled') {
    return { state: 'flagged', note: 'paid after the end of the subscription' };
  }
  if (ends_at <= starts_at) return { state: 'flagged', note: 'it does not say until when it is' };
  const span = { starts_at, ends_at };
  const payment =
    invoice.total > 0n
      ? await bookInvoice(trx, { subscription, invoice, plan, credits_micro, ...span })
      : undefined;
  await grantPlan(trx, {
    ...{ subscription, kind: 'upgrade', plan, credits_micro, ...span, payment },
    ...{ change_id: change.id, now: new Date() },
  });
  await settleChange(trx, change.id, 'done');
  if (subscription.plan_price_id === from.id && subscription.status !== 'cancelled') {
    await updateSubscription(trx, subscription.id, {
      plan_id: plan.plan_id,
      plan_price_id: plan.id,
      next_plan_price_id: null,
      ...(plan.period === from.period
        ? {}
        : { current_period_starts_at: starts_at, current_period_ends_at: ends_at }),
    });
  }
  if (payment !== undefined) await issueInvoice(trx, payment.id, payment.lines);
  return { state: 'done' };
}

/** What was paid of what was to be paid, before tax. */
function paidOf({ net, total, amount_paid, paid_out_of_band }: StripeInvoice): bigint {
  if (total <= 0n) return 0n;
  return amount_paid >= total || paid_out_of_band === true ? net : (net * amount_paid) / total;
}

/** Of a year that begins with the upgrade: where the last of its lines ends. */
function endOf({ lines }: StripeInvoice): Date {
  return new Date(Math.max(0, ...lines.map(({ ends_at }) => ends_at.getTime())));
}

/**
 * The period that a moment lies in and that was paid for whole: one that was renewed, or the year
 * with which an upgrade from months began.
 */
async function paidPeriodAt(
  trx: Trx,
  subscriptionId: string,
  at: Date,
): Promise<{ starts_at: Date; ends_at: Date } | undefined> {
  const { rows } = await sql<{ starts_at: Date; ends_at: Date }>`
    select g.starts_at, g.ends_at from plan_grants g
    left join subscription_changes c on c.id = g.change_id
    left join plan_prices old on old.id = c.from_plan_price_id
    left join plan_prices new on new.id = c.to_plan_price_id
    where g.subscription_id = ${subscriptionId} and g.starts_at <= ${at} and g.ends_at > ${at}
      and (g.kind = 'period' or (g.kind = 'upgrade' and old.period <> new.period))
    order by g.starts_at desc limit 1`.execute(trx);
  return rows[0];
}

function lengthOf({ starts_at, ends_at }: { starts_at: Date; ends_at: Date }): bigint {
  return secondsTo(ends_at, starts_at);
}

function secondsTo(end: Date, begin: Date): bigint {
  return BigInt(Math.floor((end.getTime() - begin.getTime()) / 1000));
}
