import { sql } from 'kysely';
import { type FreeAmount, creditsFor } from '../core/free-amounts.ts';
import type { Db, Trx } from '../lib/database.ts';
import { type Offer, payable } from './packages.ts';

/** The code under which an amount of the buyer's choice is ordered, beside those of the packages. */
export const OWN_AMOUNT = 'own';

export interface FreeAmountOnSale extends FreeAmount {
  expires_after_days: number | null;
}

/** What a buyer may choose to pay in a currency; undefined where the seller allows none. */
export async function freeAmountOnSale(
  db: Db,
  currency: string,
): Promise<FreeAmountOnSale | undefined> {
  return db
    .selectFrom('free_amounts')
    .select(['currency', 'minimum_minor', 'maximum_minor', 'price_per_credit_micro'])
    .select('expires_after_days')
    .where('currency', '=', currency)
    .where('active', '=', sql<boolean>`true`)
    .executeTakeFirst();
}

/** Lets buyers choose an amount. Leaves a currency alone that has it. Returns whether it was added. */
export async function addFreeAmount(
  trx: Trx,
  made: FreeAmountOnSale & { made_by: string },
): Promise<boolean> {
  const { currency } = made;
  const row = {
    ...made,
    minimum_minor: payable(made.minimum_minor, currency),
    maximum_minor: payable(made.maximum_minor, currency),
  };
  const added = await trx
    .insertInto('free_amounts')
    .values(row)
    .onConflict((conflict) => conflict.column('currency').doNothing())
    .returning('currency')
    .executeTakeFirst();
  return added !== undefined;
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
