import type { PromoTerms } from '../core/promo-codes.ts';
import { promoCodeOf } from '../core/promo-codes.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import { type Change, type Changed, type Told, auditChange } from '../lib/changes.ts';
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

/** A code to be made. */
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

/**
 * What can be changed of a code: who may use it, when and how often. What it gives never changes, as
 * those who used it and those whose order holds a place were told; nor does the code, nor its kind.
 */
export type PromoLimits = Pick<
  PromoCode,
  | 'name'
  | 'packages'
  | 'plans'
  | 'first_purchase_only'
  | 'starts_at'
  | 'ends_at'
  | 'total_limit'
  | 'person_limit'
  | 'active'
>;

/** `below_taken`: more places are taken than there would be in all. */
export type PromoChanged = { outcome: Changed } | { outcome: 'below_taken'; taken: number };

/**
 * Changes a code at once. Whoever holds a place keeps it, and orders and plans that hold one may
 * still be paid.
 */
export async function changePromoCode(
  trx: Trx,
  id: string,
  limits: PromoLimits,
  change: Omit<Change, 'valid_from'>,
): Promise<PromoChanged> {
  const known = await selectPromoCodes(trx)
    .select('version')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const { after_version } = change;
  if (known?.version !== after_version) return { outcome: 'changed_meanwhile' };
  const { taken } = known;
  if (limits.total_limit !== null && limits.total_limit < taken) {
    return { outcome: 'below_taken', taken };
  }
  const { packages, plans, ...row } = limits;
  await trx
    .updateTable('promo_codes')
    .set({
      ...row,
      packages: packages?.slice() ?? null,
      plans: plans?.slice() ?? null,
      version: after_version + 1,
      updated_at: new Date(),
    })
    .where('id', '=', id)
    .execute();
  const told = { before: toldPromoCode(known), after: toldPromoCode(limits) };
  await auditChange(trx, { kind: 'promo_code', id }, change, told);
  return { outcome: 'changed' };
}

function toldPromoCode(limits: PromoLimits): Told {
  const { name, packages, plans, starts_at, ends_at, total_limit, person_limit } = limits;
  return {
    name,
    packages: packages?.join(', ') ?? 'all',
    plans: plans?.join(', ') ?? 'all',
    first_purchase_only: limits.first_purchase_only ? 'yes' : 'no',
    starts_at: starts_at === null ? '' : writtenDay(starts_at),
    ends_at: ends_at === null ? '' : writtenDay(ends_at),
    total_limit: total_limit === null ? 'no limit' : String(total_limit),
    person_limit: String(person_limit),
    active: limits.active ? 'yes' : 'no',
  };
}

/** A day in UTC, at whose beginning something starts or ends; with its time where it has another. */
export function writtenDay(moment: Date): string {
  return moment.toISOString().replace('T00:00:00.000Z', '');
}
