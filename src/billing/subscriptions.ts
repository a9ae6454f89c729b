import { sql } from 'kysely';
import type { SubscriptionStatus } from '../core/subscription-states.ts';
import { audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { giveBackPromo } from './promo-codes/redemptions.ts';

/** A workspace's subscription to a plan. */
export interface Subscription {
  id: string;
  workspace_id: string;
  /** Of the running period; the next one is paid by the second, where there is one. */
  plan_price_id: string;
  next_plan_price_id: string | null;
  status: SubscriptionStatus;
  /** none: the plan costs nothing, and a job grants its periods. */
  provider: 'stripe' | 'simulated' | 'none';
  livemode: boolean;
  person_id: string | null;
  stripe_subscription_id: string | null;
  stripe_item_id: string | null;
  checkout_session_id: string | null;
  checkout_url: string | null;
  checkout_tries: number;
  state_at: Date | null;
  anchor_at: Date | null;
  current_period_starts_at: Date | null;
  current_period_ends_at: Date | null;
  cancel_at_period_end: boolean;
  trial_ends_at: Date | null;
  past_due_at: Date | null;
  open_invoice_url: string | null;
  created_at: Date;
}

/** What a workspace is on, or has begun to subscribe to: at most one of each. */
export interface Subscribed {
  current: Subscription | undefined;
  begun: Subscription | undefined;
}

export async function subscribedOf(db: Db, workspaceId: string): Promise<Subscribed> {
  const found = await selectSubscriptions(db)
    .where('workspace_id', '=', workspaceId)
    .where('status', '<>', 'cancelled')
    .execute();
  return {
    current: found.find(({ status }) => status !== 'incomplete'),
    begun: found.find(({ status }) => status === 'incomplete'),
  };
}
export const SUBSCRIPTION_STANDINGS = ['free', 'active', 'past_due', 'cancelled'] as const;
export type SubscriptionStanding = (typeof SUBSCRIPTION_STANDINGS)[number];

/** How a workspace stands with what is paid for: a plan that costs nothing is free too. */
export async function subscriptionStandingOf(
  db: Db,
  workspaceId: string,
): Promise<SubscriptionStanding> {
  const { current } = await subscribedOf(db, workspaceId);
  if (current !== undefined && current.provider !== 'none') {
    return current.status === 'past_due' ? 'past_due' : 'active';
  }
  const ended = await db
    .selectFrom('subscriptions')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'cancelled')
    .where('provider', '<>', 'none')
    .where('current_period_ends_at', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return ended === undefined ? 'free' : 'cancelled';
}

export async function findSubscription(db: Db, id: string): Promise<Subscription | undefined> {
  return selectSubscriptions(db).where('id', '=', id).executeTakeFirst();
}

/** By Stripe's id of it. */
export async function findStripeSubscription(
  db: Db,
  id: string,
): Promise<Subscription | undefined> {
  return selectSubscriptions(db).where('stripe_subscription_id', '=', id).executeTakeFirst();
}

/** With its row locked, before any wallet is. */
export async function lockSubscription(trx: Trx, id: string): Promise<Subscription> {
  return selectSubscriptions(trx).where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
}

type Changes = Partial<
  Omit<Subscription, 'id' | 'workspace_id' | 'provider' | 'livemode' | 'created_at'>
> & { plan_id?: string; ended_at?: Date };

export async function updateSubscription(trx: Trx, id: string, changes: Changes): Promise<void> {
  await trx
    .updateTable('subscriptions')
    .set({ ...changes, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** The end of a subscription, which is for good. A code that it never paid with is given back. */
export async function endSubscription(
  trx: Trx,
  subscription: Subscription,
  actor: 'job' | 'payment',
  changes: Changes = {},
): Promise<void> {
  // Codes are locked before rows are changed that whoever holds a code may wait for.
  await giveBackPromo(trx, { subscription_id: subscription.id });
  await updateSubscription(trx, subscription.id, {
    ...changes,
    status: 'cancelled',
    ended_at: new Date(),
  });
  await audit(trx, {
    workspace_id: subscription.workspace_id,
    actor: { kind: actor },
    action: 'subscription.ended',
    subject: { kind: 'subscription', id: subscription.id },
    before: { status: subscription.status },
    after: { status: 'cancelled' },
  });
}

function selectSubscriptions(db: Db) {
  return db
    .selectFrom('subscriptions')
    .select(['id', 'workspace_id', 'plan_price_id', 'next_plan_price_id', 'status', 'provider'])
    .select(['livemode', 'person_id', 'stripe_subscription_id', 'stripe_item_id'])
    .select(['checkout_session_id', 'checkout_url', 'checkout_tries', 'state_at', 'anchor_at'])
    .select(['current_period_starts_at', 'current_period_ends_at', 'cancel_at_period_end'])
    .select(['trial_ends_at', 'past_due_at', 'open_invoice_url', 'created_at']);
}
