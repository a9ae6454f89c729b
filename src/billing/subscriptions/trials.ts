import { sql } from 'kysely';
import { z } from 'zod';
import { databaseCodeOf } from '../../lib/database-faults.ts';
import { type Connections, type Db, type Trx, inWorkspace } from '../../lib/database.ts';
import { creditsOfPeriod } from '../../core/plan-terms.ts';
import { grantPlan } from '../plans/grants.ts';
import { findPlanPrice } from '../plans.ts';
import { oneByOne } from '../one-by-one.ts';
import type { WorkingProvider } from '../provider.ts';
import { askChange } from './changes.ts';
import { type Subscription, lockSubscription } from '../subscriptions.ts';

const AT_ONCE_MAX = 100;
const UNIQUE_VIOLATION = '23505';

/** Whether somebody may have a plan for some days before they pay: once in a life. */
export async function mayTry(staff: Db, personId: string): Promise<boolean> {
  const had = await staff
    .selectFrom('trials')
    .select('subscription_id')
    .where('person_id', '=', personId)
    .where('state', '<>', 'refused')
    .executeTakeFirst();
  return had === undefined;
}

/**
 * A trial has begun at Stripe. Its credits come when its card was looked at; who had a trial before
 * gets none, and pays from now on.
 */
export async function beginTrial(trx: Trx, subscription: Subscription): Promise<void> {
  const { id: subscription_id, workspace_id, person_id } = subscription;
  if (person_id === null) return;
  const trial = { subscription_id, workspace_id, person_id };
  const added = await trx
    .insertInto('trials')
    .values(trial)
    .onConflict((conflict) => conflict.doNothing())
    .returning('subscription_id')
    .executeTakeFirst();
  if (added !== undefined) return;
  const refused = await trx
    .insertInto('trials')
    .values({ ...trial, state: 'refused', next_try_at: null })
    .onConflict((conflict) => conflict.column('subscription_id').doNothing())
    .returning('subscription_id')
    .executeTakeFirst();
  if (refused !== undefined) await endTrial(trx, subscription);
}

/** Looks at the cards of trials that have begun, and grants their credits where the card is new. */
export async function checkTrials(
  connections: Connections,
  provider: WorkingProvider,
): Promise<void> {
  const due = await connections.staff
    .selectFrom('trials as t')
    .innerJoin('subscriptions as s', 's.id', 't.subscription_id')
    .select(['t.subscription_id', 't.workspace_id', 's.stripe_subscription_id'])
    .where('t.state', '=', 'checking')
    .where('t.next_try_at', '<=', sql<Date>`now()`)
    .where('s.provider', '=', provider.mode)
    .where('s.livemode', '=', provider.livemode)
    .limit(AT_ONCE_MAX)
    .execute();
  await oneByOne(
    due,
    async ({ subscription_id, workspace_id, stripe_subscription_id: stripeId }) => {
      if (stripeId === null) return;
      const claimed = await inWorkspace(connections.app, workspace_id, (trx) =>
        claim(trx, subscription_id),
      );
      if (!claimed) return;
      const fingerprint = await fingerprintOf(provider, stripeId);
      await decide(connections, workspace_id, subscription_id, fingerprint);
    },
  );
}

/** While it is looked at it is nobody else's; if nobody says what came of it, it is looked at again. */
async function claim(trx: Trx, subscriptionId: string): Promise<boolean> {
  const claimed = await trx
    .updateTable('trials')
    .set({ next_try_at: sql<Date>`now() + interval '2 minutes'` })
    .where('subscription_id', '=', subscriptionId)
    .where('state', '=', 'checking')
    .where('next_try_at', '<=', sql<Date>`now()`)
    .returning('subscription_id')
    .executeTakeFirst();
  return claimed !== undefined;
}

const CheckedSubscription = z.looseObject({
  object: z.literal('subscription'),
  default_payment_method: z
    .looseObject({ card: z.looseObject({ fingerprint: z.string().nullish() }).nullish() })
    .nullish(),
});

/** What is the same of a card whoever uses it; undefined where it is no card. */
async function fingerprintOf(
  { stripe }: WorkingProvider,
  stripeId: string,
): Promise<string | undefined> {
  const expand = ['default_payment_method'];
  const found = CheckedSubscription.parse(
    await stripe.subscriptions.retrieve(stripeId, { expand }),
  );
  return found.default_payment_method?.card?.fingerprint ?? undefined;
}

async function decide(
  connections: Connections,
  workspaceId: string,
  subscriptionId: string,
  fingerprint: string | undefined,
): Promise<void> {
  const refuse = (trx: Trx) => refuseTrial(trx, subscriptionId);
  if (fingerprint === undefined) {
    await inWorkspace(connections.app, workspaceId, refuse);
    return;
  }
  try {
    await inWorkspace(connections.app, workspaceId, (trx) =>
      grantTrial(trx, subscriptionId, fingerprint),
    );
  } catch (error) {
    // Another trial has this card, which the database alone knows of all workspaces.
    if (databaseCodeOf(error) !== UNIQUE_VIOLATION) throw error;
    await inWorkspace(connections.app, workspaceId, refuse);
  }
}

async function grantTrial(trx: Trx, subscriptionId: string, fingerprint: string): Promise<void> {
  const subscription = await lockSubscription(trx, subscriptionId);
  const changed = await trx
    .updateTable('trials')
    .set({ state: 'granted', card_fingerprint: fingerprint, next_try_at: null })
    .where('subscription_id', '=', subscriptionId)
    .where('state', '=', 'checking')
    .returning('subscription_id')
    .executeTakeFirst();
  const { status, trial_ends_at, created_at } = subscription;
  if (changed === undefined || status !== 'trialing' || trial_ends_at === null) return;
  const plan = await findPlanPrice(trx, subscription.plan_price_id);
  if (plan === undefined) throw new Error(`subscription ${subscriptionId} has no price`);
  await grantPlan(trx, {
    ...{ subscription, plan, kind: 'trial', now: new Date() },
    credits_micro: creditsOfPeriod({ ...plan, period: 'month' }),
    starts_at: subscription.current_period_starts_at ?? created_at,
    ends_at: trial_ends_at,
  });
}

async function refuseTrial(trx: Trx, subscriptionId: string): Promise<void> {
  const subscription = await lockSubscription(trx, subscriptionId);
  const changed = await trx
    .updateTable('trials')
    .set({ state: 'refused', next_try_at: null })
    .where('subscription_id', '=', subscriptionId)
    .where('state', '=', 'checking')
    .returning('subscription_id')
    .executeTakeFirst();
  if (changed !== undefined) await endTrial(trx, subscription);
}

async function endTrial(trx: Trx, subscription: Subscription): Promise<void> {
  const to_plan_price_id = subscription.plan_price_id;
  const asked = await askChange(trx, { subscription, kind: 'end_trial', to_plan_price_id });
  // Another change is under way: whoever began this begins it again.
  if (asked === undefined) throw new Error(`the trial of ${subscription.id} cannot end yet`);
}
