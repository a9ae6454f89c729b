import type { Trx } from '../../lib/database.ts';
import { sendMail } from '../../lib/mail.ts';
import { renderMail } from '../../lib/mail-rendering.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { findPlanPrice } from '../plans.ts';
import { namesIn } from './invoices.ts';
import type { StripeInvoice } from './objects.ts';
import { nameOf } from './payments.ts';
import { workOnSubscription } from './told.ts';
import { laterOf } from './updates.ts';
import { type Subscription, updateSubscription } from '../subscriptions.ts';

/** Why the money of an invoice did not come: the card was declined, or its bank asks its owner. */
export type Failure = 'failed' | 'action_required';

/**
 * An invoice that could not be paid: the owners are told where to pay it. What was paid for goes on
 * until its period ends, and an unlimited plan for some days more.
 */
export async function workOfFailedInvoice(
  context: EventContext,
  invoice: StripeInvoice,
  failure: Failure,
  told_at: number,
): Promise<EventWork | undefined> {
  return workOnSubscription(context, namesIn(invoice), (trx, subscription) =>
    takeIn(trx, subscription, invoice, failure, told_at),
  );
}

async function takeIn(
  trx: Trx,
  subscription: Subscription,
  invoice: StripeInvoice,
  failure: Failure,
  told_at: number,
): Promise<EventResult> {
  const { status, state_at } = subscription;
  // Whoever begins or upgrades is at the payment page or before ours, and is told there.
  if (status === 'incomplete' || status === 'cancelled' || !isForRenewal(invoice)) {
    return { state: 'done', note: `it is ${status}, ${invoice.billing_reason}` };
  }
  if (state_at !== null && told_at * 1000 < state_at.getTime() && status === 'active') {
    return { state: 'done', note: 'was paid since' };
  }
  await updateSubscription(trx, subscription.id, {
    open_invoice_url: invoice.hosted_invoice_url,
    ...(failure === 'failed'
      ? {
          status: 'past_due',
          past_due_at: subscription.past_due_at ?? new Date(told_at * 1000),
          state_at: laterOf(state_at, told_at),
        }
      : {}),
  });
  await mailOwners(trx, subscription, invoice, failure);
  return { state: 'done' };
}

function isForRenewal({ billing_reason }: StripeInvoice): boolean {
  return billing_reason === 'subscription_cycle';
}

async function mailOwners(
  trx: Trx,
  subscription: Subscription,
  invoice: StripeInvoice,
  failure: Failure,
): Promise<void> {
  const { workspace_id } = subscription;
  const next = subscription.next_plan_price_id ?? subscription.plan_price_id;
  const plan = await findPlanPrice(trx, invoice.metadata.scrip_plan_price ?? next);
  const owners = await trx
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select(['p.id', 'p.email', 'p.time_zone', 'p.locale', 'w.name as workspace', 'w.slug'])
    .where('m.workspace_id', '=', workspace_id)
    .where('m.role', '=', 'owner')
    .where('p.deactivated_at', 'is', null)
    .execute();
  for (const { id: person_id, email: to_address, workspace, slug, ...reader } of owners) {
    const data = {
      plan: plan === undefined ? 'your plan' : nameOf(plan),
      unlimited: plan?.credits_micro === null,
      grace_days: plan?.grace_days ?? 0,
      total_minor: invoice.total,
      currency: invoice.currency,
      ends_at: subscription.current_period_ends_at ?? undefined,
      invoice_url: invoice.hosted_invoice_url ?? undefined,
      ...{ workspace, path: `/w/${slug}/plans` },
    };
    await sendMail(trx, {
      ...renderMail(`subscription.payment_${failure}`, data, reader),
      ...{ to_address, workspace_id, person_id },
      key: `subscription.payment_${failure} ${invoice.id} ${invoice.attempt_count} ${person_id}`,
    });
  }
}
