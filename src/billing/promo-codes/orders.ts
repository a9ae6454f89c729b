import { promoCredits } from '../../core/promo-codes.ts';
import type { Trx } from '../../lib/database.ts';
import { type NewOrder, type Payment, findOrder, placeOrder } from '../orders.ts';
import { type PromoCode, findPromoCode, lockPromoCode } from '../promo-codes.ts';
import { type Redeemer, refusalOf, reservePromo } from './redemptions.ts';
import { type RefusedPromo, refusedPromo } from './refusals.ts';

export type PlacedWithPromo = { outcome: 'placed'; payment: Payment } | RefusedPromo;

/**
 * Places an order with what somebody typed as a promo code: it holds a place of the code until it is
 * paid, or closed unpaid. The same order again is found again, and holds one place.
 */
export async function placeOrderWithPromo(
  trx: Trx,
  order: NewOrder,
  text: string,
): Promise<PlacedWithPromo> {
  const promo = await lockPromoCode(trx, text);
  if (promo === undefined) return refusedPromo('unknown', undefined);
  const { code, expires_after_days } = promo;
  const credits_micro = promoCredits(promo, order.package.credits_micro);
  const withPromo = { ...order, promo: { code, credits_micro, expires_after_days } };
  const known = await findOrder(trx, withPromo);
  if (known !== undefined) return { outcome: 'placed', payment: known };
  const wish = { kind: 'purchase', package: order.package.code } as const;
  const refusal = await refusalOf(trx, promo, order, wish);
  if (refusal !== undefined) return refusal;
  const payment = await placeOrder(trx, withPromo);
  const { id: payment_id, workspace_id, wallet_id } = payment;
  const place = { payment_id, workspace_id, wallet_id, buyer: order.buyer };
  await reservePromo(trx, promo, { ...place, credits: credits_micro });
  return { outcome: 'placed', payment };
}

export type TriedPromo = { outcome: 'good'; promo: PromoCode } | RefusedPromo;

/** Whether a code could be used for a package now. Holds no place. */
export async function tryPromo(
  trx: Trx,
  { text, package: wanted, ...redeemer }: Redeemer & { text: string; package: string },
): Promise<TriedPromo> {
  const promo = await findPromoCode(trx, text);
  if (promo === undefined) return refusedPromo('unknown', undefined);
  const wish = { kind: 'purchase', package: wanted } as const;
  return (await refusalOf(trx, promo, redeemer, wish)) ?? { outcome: 'good', promo };
}
