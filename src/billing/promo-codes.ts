import type { PromoTerms } from '../core/promo-codes.ts';
import { promoCodeOf } from '../core/promo-codes.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

/** A code as it is stored. */
export interface PromoCode extends PromoTerms {
  id: string;
  code: string;
  name: string;
  /** Places that are redeemed, or reserved by an order or a plan that may still be paid. */
  taken: number;
  /** Of the credits that it gives. */
  expires_after_days: number | null;
}

/** A code by what somebody typed; undefined for what is none. */
export async function findPromoCode(db: Db, text: string): Promise<PromoCode | undefined> {
  const code = promoCodeOf(text);
  if (code === undefined) return undefined;
  return selectPromoCodes(db).where('code', '=', code).executeTakeFirst();
}

/** The same with its row locked: before any payment and wallet that takes part. */
export async function lockPromoCode(trx: Trx, text: string): Promise<PromoCode | undefined> {
  const code = promoCodeOf(text);
  if (code === undefined) return undefined;
  return selectPromoCodes(trx).where('code', '=', code).forNoKeyUpdate().executeTakeFirst();
}

export function selectPromoCodes(db: Db) {
  return db
    .selectFrom('promo_codes')
    .select(['id', 'code', 'name', 'kind', 'credits', 'percent', 'packages', 'plans'])
    .select(['first_purchase_only', 'starts_at', 'ends_at', 'total_limit', 'person_limit'])
    .select(['taken', 'expires_after_days', 'active']);
}

/** A code to be made: its terms never change, so that everybody has what was told. */
export type NewPromoCode = Omit<PromoCode, 'id' | 'taken' | 'active'> & { made_by: string };

/** Makes a code. Leaves one alone that is there already. Returns its id if it was made. */
export async function addPromoCode(trx: Trx, made: NewPromoCode): Promise<string | undefined> {
  const { packages, plans, ...row } = made;
  const added = await trx
    .insertInto('promo_codes')
    .values({
      ...row,
      id: newId(),
      packages: packages?.slice() ?? null,
      plans: plans?.slice() ?? null,
    })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst();
  return added?.id;
}

/** Writes down who made a code, where it was a person. */
export async function auditMade(
  trx: Trx,
  id: string,
  { code, kind }: NewPromoCode,
  by: { actor: Actor; origin: Origin },
): Promise<void> {
  await audit(trx, {
    ...by,
    action: 'promo_code.made',
    subject: { kind: 'promo_code', id },
    after: { code, kind },
  });
}

/** Nobody can use it from now on; orders that hold a place may still be paid. */
export async function stopPromoCode(
  trx: Trx,
  id: string,
  by: { actor: Actor; origin: Origin },
): Promise<void> {
  const stopped = await trx
    .updateTable('promo_codes')
    .set({ active: false, updated_at: new Date() })
    .where('id', '=', id)
    .where('active', '=', true)
    .executeTakeFirst();
  if (stopped.numUpdatedRows === 0n) return;
  await audit(trx, { ...by, action: 'promo_code.stopped', subject: { kind: 'promo_code', id } });
}
