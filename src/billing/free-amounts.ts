import { z } from 'zod';
import { shortestDecimal } from '../core/decimal.ts';
import { type FreeAmount, creditsFor } from '../core/free-amounts.ts';
import { formatMoney } from '../core/money.ts';
import { type CatalogueItem, itemInUse } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';
import type { Db } from '../lib/database.ts';
import { type Offer, payable } from './packages.ts';

/** The code under which an amount of the buyer's choice is ordered, beside those of the packages. */
export const OWN_AMOUNT = 'own';

/** Of what one credit costs. */
export const PRICE_PER_CREDIT_DECIMALS = 6;

export interface FreeAmountOnSale extends FreeAmount {
  expires_after_days: number | null;
}

/** What a buyer may choose to pay in a currency; undefined where the seller allows none. */
export async function freeAmountOnSale(
  db: Db,
  currency: string,
): Promise<FreeAmountOnSale | undefined> {
  const item = await itemInUse(db, 'own_amount', currency);
  return item && freeAmountIn(item.content, currency);
}

const whole = z.string().regex(/^\d+$/).transform(BigInt);
const Content = z.object({
  minimum_minor: whole,
  maximum_minor: whole,
  price_per_credit_micro: whole,
  expires_after_days: z.int().positive().optional(),
});

/** The amounts from what is stored under their currency. */
export function freeAmountIn(content: unknown, currency: string): FreeAmountOnSale {
  const { expires_after_days = null, ...limits } = Content.parse(content);
  return { ...limits, currency, expires_after_days };
}

/** The same as it is stored. Throws for sums that cannot be paid. */
export function freeAmountContent(terms: FreeAmountOnSale) {
  const { currency, price_per_credit_micro, expires_after_days } = terms;
  return {
    minimum_minor: String(payable(terms.minimum_minor, currency)),
    maximum_minor: String(payable(terms.maximum_minor, currency)),
    price_per_credit_micro: String(price_per_credit_micro),
    ...(expires_after_days === null ? {} : { expires_after_days }),
  };
}

export function toldFreeAmount({ active, content, code }: CatalogueItem): Told {
  const { minimum_minor, maximum_minor, ...terms } = freeAmountIn(content, code);
  return {
    minimum: formatMoney(minimum_minor, code),
    maximum: formatMoney(maximum_minor, code),
    price: shortestDecimal(terms.price_per_credit_micro, PRICE_PER_CREDIT_DECIMALS),
    expires: terms.expires_after_days === null ? 'never' : String(terms.expires_after_days),
    active: active ? 'yes' : 'no',
  };
}

/** A sum within the limits, as something that can be ordered. */
export function offerFor(amountMinor: bigint, free: FreeAmountOnSale): Offer {
  return {
    id: null,
    code: OWN_AMOUNT,
    name: 'Own amount',
    credits_micro: creditsFor(amountMinor, free),
    bonus_micro: 0n,
    price_minor: amountMinor,
    currency: free.currency,
    expires_after_days: free.expires_after_days,
    bonus_expires_after_days: null,
  };
}
