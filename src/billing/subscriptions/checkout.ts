import type Stripe from 'stripe';
import { sql } from 'kysely';
import { z } from 'zod';
import { type Origin, audit } from '../../lib/audit.ts';
import { type Connections, type Trx, inWorkspace } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import type { PlanPrice } from '../plans.ts';
import { codeOfBegun, refusalForPlan, reserveForPlan } from '../promo-codes/plans.ts';
import { type RefusedPromo, refusedPromo } from '../promo-codes/refusals.ts';
import { findPromoCode, lockPromoCode } from '../promo-codes.ts';
import { type WorkingProvider, isKeptUnderKey, orUnavailable } from '../provider.ts';
import { withStripeCustomer } from '../stripe-customers.ts';
import { forgetStripePrice, stripePriceOf } from '../plans/stripe-prices.ts';
import {
  type Subscription,
  endSubscription,
  findSubscription,
  lockSubscription,
  subscribedOf,
  updateSubscription,
} from '../subscriptions.ts';
import { mayTry } from './trials.ts';

export interface NewSubscription {
  workspace: { id: string; name: string };
  person: { id: string; email: string };
  plan: PlanPrice;
  /** What was typed as a promo code. */
  promo: string | undefined;
  /** The form's: the same sent twice is one subscription. */
  nonce: string;
  origin: Origin;
}

/** Where Stripe sends people back to: when they have paid, and when they have not. */
export interface ReturnUrls {
  returnUrl: string;
  cancelUrl: string;
}

/** What became of the wish to subscribe. */
export type Begun =
  | { outcome: 'checkout'; url: string }
  /** The payment page was gone through: its events are on their way. */
  | { outcome: 'on_its_way' }
  | { outcome: 'subscribed_already' }
  | RefusedPromo;

/**
 * Begins a subscription: our row first, then a page of Stripe's on which it is paid for. Whoever
 * left that page finds it again, or another one when they choose another plan or code; two are never
 * open. A code holds its place until the first payment, or until the subscription has ended without.
 * @throws AppError 503 `stripe_unavailable`: what was chosen is kept, and can be sent again
 */
export async function beginSubscription(
  connections: Connections,
  provider: WorkingProvider,
  wanted: NewSubscription,
  urls: ReturnUrls,
): Promise<Begun> {
  const { workspace } = wanted;
  const known = await inWorkspace(connections.app, workspace.id, (trx) => stateFor(trx, wanted));
  if (known.refusal !== undefined) return known.refusal;
  if (known.current !== undefined && known.current.provider !== 'none') {
    return { outcome: 'subscribed_already' };
  }
  return orUnavailable('Nothing was charged; send it again in a moment.', async () => {
    if (known.begun !== undefined) {
      const left = await takeUp(connections, provider, known.begun, known.is_wanted);
      if (left !== undefined) return left;
    }
    const begun = await inWorkspace(connections.app, workspace.id, (trx) =>
      insertRow(trx, provider, wanted),
    );
    if (begun === undefined) return { outcome: 'subscribed_already' };
    if ('fault' in begun) return begun;
    const url = await checkoutOf(connections, provider, wanted, begun, urls);
    return { outcome: 'checkout', url };
  });
}

/** Where a workspace stands, and whether what it has begun is what is wanted now. */
async function stateFor(trx: Trx, { workspace, plan, promo: text }: NewSubscription) {
  const promo = text === undefined ? undefined : await findPromoCode(trx, text);
  const isUnknown = text !== undefined && promo === undefined;
  const known = await subscribedOf(trx, workspace.id);
  return {
    ...known,
    refusal: isUnknown ? refusedPromo('unknown', undefined) : undefined,
    is_wanted:
      known.begun?.plan_price_id === plan.id &&
      (await codeOfBegun(trx, workspace.id)) === promo?.code,
  };
}

/**
 * What was begun and left: its page again, or nothing when it is over or another one is wanted. A
 * page that is given up is closed at Stripe first, so that nobody pays on it any more.
 */
async function takeUp(
  connections: Connections,
  { stripe, mode, livemode }: WorkingProvider,
  begun: Subscription,
  isWanted: boolean,
): Promise<Begun | undefined> {
  const isSame = begun.provider === mode && begun.livemode === livemode;
  const id = isSame ? begun.checkout_session_id : null;
  if (id === null) {
    // Stripe was not asked, or its answer was lost: asking again with the key of the row finds it.
    if (isSame && isWanted) return undefined;
  } else {
    const session = BegunSession.parse(await stripe.checkout.sessions.retrieve(id));
    if (session.status === 'complete') return { outcome: 'on_its_way' };
    if (session.status === 'open') {
      if (isWanted && session.url !== null) {
        return { outcome: 'checkout', url: session.url };
      }
      const key = { idempotencyKey: `expire:${begun.id}` };
      const expired = BegunSession.parse(await stripe.checkout.sessions.expire(id, {}, key));
      if (expired.status !== 'expired') return { outcome: 'on_its_way' };
    }
  }
  await inWorkspace(connections.app, begun.workspace_id, async (trx) => {
    const locked = await lockSubscription(trx, begun.id);
    if (locked.status === 'incomplete') await endSubscription(trx, locked, 'job');
  });
  return undefined;
}

/**
 * @returns the row that is begun, new or found again; undefined when there is another one by now, or
 * why its code is not taken
 */
async function insertRow(
  trx: Trx,
  provider: WorkingProvider,
  wanted: NewSubscription,
): Promise<Subscription | RefusedPromo | undefined> {
  const { workspace, person, plan, nonce, origin } = wanted;
  const redeemer = {
    workspace_id: workspace.id,
    buyer: { kind: 'person', id: person.id },
  } as const;
  // Before the row is there for which others wait.
  const promo = wanted.promo === undefined ? undefined : await lockPromoCode(trx, wanted.promo);
  if (promo !== undefined) {
    const before = await stateFor(trx, wanted);
    if (before.begun !== undefined) return before.is_wanted ? before.begun : undefined;
    const refusal = await refusalForPlan(trx, promo, redeemer, plan);
    if (refusal !== undefined) return refusal;
  }
  const id = newId();
  const added = await trx
    .insertInto('subscriptions')
    .values({
      id,
      workspace_id: workspace.id,
      person_id: person.id,
      plan_id: plan.plan_id,
      plan_price_id: plan.id,
      order_key: [nonce, plan.id, ...(promo === undefined ? [] : [promo.code])].join(' '),
      status: 'incomplete',
      provider: provider.mode,
      livemode: provider.livemode,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) {
    const found = await stateFor(trx, wanted);
    return found.is_wanted ? found.begun : undefined;
  }
  if (promo !== undefined) await reserveForPlan(trx, promo, { id, plan, ...redeemer });
  await audit(trx, {
    workspace_id: workspace.id,
    actor: { kind: 'person', id: person.id },
    action: 'subscription.begun',
    subject: { kind: 'subscription', id },
    after: { plan: plan.code, price: plan.id },
    origin,
  });
  return findSubscription(trx, id);
}

/** @returns the page on which it is paid for */
async function checkoutOf(
  connections: Connections,
  provider: WorkingProvider,
  { workspace, person, plan }: NewSubscription,
  begun: Subscription,
  urls: ReturnUrls,
): Promise<string> {
  const tries = plan.trial_days > 0 && (await mayTry(connections.staff, person.id));
  const about = { workspace_id: workspace.id, name: workspace.name, email: person.email };
  try {
    const session = await withStripeCustomer(connections, provider, about, (customer) =>
      openPage(provider, { plan, begun, customer, tries, ...urls }),
    );
    await inWorkspace(connections.app, workspace.id, (trx) =>
      updateSubscription(trx, begun.id, {
        checkout_session_id: session.id,
        checkout_url: session.url,
      }),
    );
    return session.url;
  } catch (error) {
    forgetStripePrice(provider, plan.id);
    if (isKeptUnderKey(error)) {
      await inWorkspace(connections.app, workspace.id, (trx) => countTry(trx, begun));
    }
    throw error;
  }
}

interface Page extends ReturnUrls {
  plan: PlanPrice;
  begun: Subscription;
  customer: string;
  /** Whether it begins with a trial. */
  tries: boolean;
}

async function openPage(
  provider: WorkingProvider,
  { plan, begun, customer, tries, returnUrl, cancelUrl }: Page,
): Promise<z.output<typeof MadeSession>> {
  const metadata = { scrip_subscription: begun.id, scrip_plan_price: plan.id };
  const made = await provider.stripe.checkout.sessions.create(
    {
      mode: 'subscription',
      client_reference_id: begun.id,
      customer,
      line_items: [{ price: await stripePriceOf(provider, plan), quantity: 1 }],
      metadata,
      subscription_data: {
        metadata,
        ...(tries ? { trial_period_days: plan.trial_days } : {}),
      },
      ...(tries ? BY_CARD : {}),
      success_url: returnUrl,
      cancel_url: cancelUrl,
    },
    { idempotencyKey: `subscription:${begun.id}:${customer}:${begun.checkout_tries}` },
  );
  // The library takes some error answers for success, so what came is looked at.
  return MadeSession.parse(made);
}

async function countTry(trx: Trx, { id, checkout_tries }: Subscription): Promise<void> {
  await trx
    .updateTable('subscriptions')
    .set({ checkout_tries: checkout_tries + 1, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** Whoever has had a trial is known by the card. */
const BY_CARD: Stripe.Checkout.SessionCreateParams = {
  allowed_payment_method_types: ['card'],
  payment_method_collection: 'always',
};

const MadeSession = z.looseObject({
  object: z.literal('checkout.session'),
  id: z.string().min(1),
  url: z.url(),
});
const BegunSession = z.looseObject({
  object: z.literal('checkout.session'),
  id: z.string().min(1),
  status: z.enum(['open', 'complete', 'expired']),
  url: z.string().nullable(),
});
