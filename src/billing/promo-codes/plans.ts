import { daysAfter } from '../../core/instant.ts';
import { creditsOfPeriod } from '../../core/plan-terms.ts';
import { type WantedPlan, promoOfPlan } from '../../core/promo-codes.ts';
import { within } from '../../ledger/ledger.ts';
import { walletIdOf } from '../../ledger/wallets.ts';
import type { Db, Trx } from '../../lib/database.ts';
import type { Sold } from '../sold.ts';
import type { PlanPrice } from '../plans.ts';
import { type PromoCode, findPromoCode } from '../promo-codes.ts';
import type { Subscription } from '../subscriptions.ts';
import type { TriedPromo } from './orders.ts';
import {
  type Redeemer,
  giveBackPromo,
  heldBy,
  holdsPlace,
  keepGranted,
  promoGrant,
  refusalOf,
  reservePromo,
} from './redemptions.ts';
import { type RefusedPromo, refusedPromo } from './refusals.ts';

type ChosenPlan = Pick<PlanPrice, 'code' | 'price_minor' | 'credits_micro' | 'period'>;

/**
 * Whether a code could be used for a plan now, or for any when none is chosen. Holds no place. What
 * the workspace has begun with it and not paid is no reason against it: that is taken up or given up.
 */
export async function tryPlanPromo(
  trx: Trx,
  { text, plan, ...redeemer }: Redeemer & { text: string; plan: ChosenPlan | undefined },
): Promise<TriedPromo> {
  const promo = await findPromoCode(trx, text);
  if (promo === undefined) return refusedPromo('unknown', undefined);
  const isHeld = (await codeOfBegun(trx, redeemer.workspace_id)) === promo.code;
  const refusal = isHeld ? undefined : await refusalForPlan(trx, promo, redeemer, plan);
  return refusal ?? { outcome: 'good', promo };
}

/** Why a code, whose row is locked where a place is to be taken, is not for a plan that is begun. */
export async function refusalForPlan(
  trx: Trx,
  promo: PromoCode,
  redeemer: Redeemer,
  plan: ChosenPlan | undefined,
): Promise<RefusedPromo | undefined> {
  return refusalOf(trx, promo, redeemer, { kind: 'plan', plan: plan && wantedOf(plan) });
}

/** What a code adds to the first payment of a plan; nothing where it is not for it. */
export function addedToPlan(promo: PromoCode, plan: ChosenPlan): bigint {
  return promo.kind === 'plan' ? promoOfPlan(promo, wantedOf(plan)) : 0n;
}

function wantedOf(plan: ChosenPlan): WantedPlan {
  const { code, price_minor } = plan;
  return { code, price_minor, period_micro: creditsOfPeriod(plan) };
}

/** The code that holds a place for what a workspace has begun to subscribe to. */
export async function codeOfBegun(db: Db, workspaceId: string): Promise<string | undefined> {
  const held = await db
    .selectFrom('promo_redemptions as r')
    .innerJoin('promo_codes as c', 'c.id', 'r.promo_code_id')
    .innerJoin('subscriptions as s', 's.id', 'r.subscription_id')
    .select('c.code')
    .where('s.workspace_id', '=', workspaceId)
    .where('s.status', '=', 'incomplete')
    .where('r.state', '=', 'reserved')
    .executeTakeFirst();
  return held?.code;
}

/** Takes a place for a subscription that is begun, whose code is locked. */
export async function reserveForPlan(
  trx: Trx,
  promo: PromoCode,
  subscription: { id: string; plan: ChosenPlan } & Redeemer,
): Promise<void> {
  const { id: subscription_id, plan, workspace_id, buyer } = subscription;
  const wallet_id = await walletIdOf(trx, workspace_id);
  const credits = addedToPlan(promo, plan);
  await reservePromo(trx, promo, { workspace_id, wallet_id, subscription_id, buyer, credits });
}

/**
 * What the code of a subscription, whose row is locked, adds to the invoice that is booked now: to
 * the first one, if it is for the plan that was begun. After the end of the subscription its place
 * was given back: it takes another, or there is nothing more to add.
 */
export async function confirmPlanPromo(
  trx: Trx,
  subscription: Subscription,
  plan: PlanPrice,
): Promise<Sold['promo']> {
  const by = { subscription_id: subscription.id };
  const held = await heldBy(trx, by);
  if (held === undefined || held.state === 'redeemed') return undefined;
  if (plan.id !== subscription.plan_price_id) {
    await giveBackPromo(trx, by);
    return undefined;
  }
  if (!(await holdsPlace(trx, held))) return undefined;
  const { code, credits: credits_micro, expires_after_days } = held;
  return { code, credits_micro, expires_after_days };
}

/** Grants what the code of a subscription adds, as a lot of the payment that it came with. */
export async function grantPlanPromo(
  trx: Trx,
  { id: subscription_id, workspace_id }: Subscription,
  { payment_id, promo }: { payment_id: string; promo: NonNullable<Sold['promo']> },
): Promise<void> {
  const wallet_id = await walletIdOf(trx, workspace_id);
  const expires_at = daysAfter(new Date(), promo.expires_after_days);
  const entry_seq = await within(trx, [wallet_id], async (wallets) => {
    const grant = promoGrant({ id: payment_id, wallet_id }, promo, expires_at);
    const outcome = await wallets.run(grant);
    if (outcome.outcome === 'refused') {
      throw new Error(`payment ${payment_id}: its code was refused: ${outcome.refusal.code}`);
    }
    return outcome.seq;
  });
  await keepGranted(trx, { subscription_id }, { payment_id, entry_seq });
}
