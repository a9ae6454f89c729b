import { sql } from 'kysely';
import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import type { PlanPeriod } from '../core/plan-terms.ts';
import type { Version } from '../core/versions.ts';
import {
  type Change,
  type Changed,
  type NextVersion,
  type Told,
  changeVersion,
} from '../lib/changes.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { toldPrices } from './package-versions.ts';
import { payable } from './packages.ts';

/** What a version of a plan says, for all periods and currencies. */
export interface PlanVersionTerms {
  name: string;
  /** Each month; null: unlimited. */
  credits_micro: bigint | null;
  rollover_cap_micro: bigint | null;
  trial_days: number;
  grace_days: number;
  /** What it allows beside its credits. */
  limits: { members_max?: number | undefined };
  position: number;
  active: boolean;
  prices: readonly NewPlanPrice[];
}

export interface NewPlanPrice {
  period: PlanPeriod;
  currency: string;
  price_minor: bigint;
}

/** So long an unlimited plan goes on after its period, where nobody has said otherwise. */
export const GRACE_DAYS = 7;

export type NewPlan = Omit<PlanVersionTerms, 'active' | 'grace_days' | 'limits'> &
  Partial<Pick<PlanVersionTerms, 'active' | 'grace_days' | 'limits'>> & {
    code: string;
    made_by: string;
    valid_from?: Date | undefined;
  };

/** Puts a plan on sale. Leaves one alone that is there already. Returns whether it was added. */
export async function addPlan(trx: Trx, made: NewPlan): Promise<boolean> {
  const { code, made_by, valid_from, ...given } = made;
  const added = await trx
    .insertInto('plans')
    .values({ id: newId(), code, made_by })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return false;
  const terms = { active: true, grace_days: GRACE_DAYS, limits: {}, ...given };
  return addVersion(trx, added.id, terms, { after_version: 0, valid_from, made_by });
}

/**
 * Sells a plan by other terms, from now on or a later moment. Who has subscribed before keeps what
 * it was then, at the price of then.
 * @returns `changed_meanwhile` when the version that the change comes after is not the newest
 */
export async function changePlan(
  trx: Trx,
  code: string,
  terms: PlanVersionTerms,
  change: Change,
): Promise<Changed> {
  const versions = await planVersions(trx, code);
  const changing = {
    ...{ subject: { kind: 'plan', id: code }, versions, terms, tell: toldPlan },
    add: (next: NextVersion, { id }: PlanVersion) => addVersion(trx, id, terms, next),
  };
  return changeVersion(trx, changing, change);
}

/** Two at once make the same version, so that one of them does not. */
async function addVersion(
  trx: Trx,
  plan_id: string,
  terms: PlanVersionTerms,
  { after_version, valid_from, made_by }: NextVersion,
): Promise<boolean> {
  const version = after_version + 1;
  const { name, credits_micro, trial_days, grace_days, position, active } = terms;
  const added = await trx
    .insertInto('plan_versions')
    .values({
      ...{ plan_id, version, valid_from: valid_from ?? sql<Date>`now()`, made_by },
      ...{ name, credits: credits_micro, unlimited: credits_micro === null },
      ...{ rollover_cap: terms.rollover_cap_micro, trial_days, grace_days, position, active },
      limits: JSON.stringify(terms.limits),
    })
    .onConflict((conflict) => conflict.columns(['plan_id', 'version']).doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return false;
  for (const { period, currency, price_minor } of terms.prices) {
    if (price_minor !== 0n) payable(price_minor, currency);
    await sql`
      insert into plan_prices (id, plan_id, plan_version, period, currency, price_minor, version)
      select ${newId()}, ${plan_id}, ${version}, ${period}, ${currency}, ${price_minor},
        coalesce(max(version), 0) + 1
      from plan_prices
      where plan_id = ${plan_id} and period = ${period} and currency = ${currency}`.execute(trx);
  }
  return true;
}

/** A version of a plan, of which the newest that is valid is on sale. */
export interface PlanVersion extends PlanVersionTerms, Version {
  id: string;
  code: string;
  made_by: string;
  created_at: Date;
}

/** All versions of all plans, or of one by its code. */
export async function planVersions(db: Db, code?: string): Promise<PlanVersion[]> {
  const { rows } = await sql<
    Omit<PlanVersion, 'prices' | 'limits'> & { prices: unknown; limits: unknown }
  >`
    select p.id, p.code, v.version, v.valid_from, v.name, v.credits as credits_micro,
      v.rollover_cap as rollover_cap_micro, v.trial_days, v.grace_days, v.limits, v.position,
      v.active, v.made_by, v.created_at, array(
        select jsonb_build_object(
          'period', r.period, 'currency', r.currency, 'price_minor', r.price_minor::text)
        from plan_prices r where r.plan_id = v.plan_id and r.plan_version = v.version
        order by r.currency, r.period) as prices
    from plans p join plan_versions v on v.plan_id = p.id
    where ${code ?? null}::text is null or p.code = ${code ?? null}
    order by p.code, v.version`.execute(db);
  return rows.map((row) => ({
    ...row,
    prices: StoredPrices.parse(row.prices),
    limits: PlanLimits.parse(row.limits),
  }));
}

/** What a plan allows beside its credits. What it does not name is not limited. */
export const PlanLimits = z.object({ members_max: z.number().int().positive().optional() });

const StoredPrices = z.array(
  z.object({
    period: z.enum(['month', 'year']),
    currency: z.string(),
    price_minor: z.string().transform(BigInt),
  }),
);

/** The terms of a plan as people read them. */
export function toldPlan(terms: PlanVersionTerms): Told {
  const { credits_micro, rollover_cap_micro, limits } = terms;
  const pricesOf = (period: PlanPeriod): string =>
    toldPrices(terms.prices.filter((price) => price.period === period));
  return {
    name: terms.name,
    credits: credits_micro === null ? 'unlimited' : decimalCredits(credits_micro),
    rollover_cap: rollover_cap_micro === null ? 'none' : decimalCredits(rollover_cap_micro),
    trial_days: String(terms.trial_days),
    grace_days: String(terms.grace_days),
    members_max: limits.members_max === undefined ? 'any number' : String(limits.members_max),
    position: String(terms.position),
    active: terms.active ? 'yes' : 'no',
    prices_month: pricesOf('month'),
    prices_year: pricesOf('year'),
  };
}
