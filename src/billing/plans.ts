import { type RawBuilder, sql } from 'kysely';
import type { PlanTerms } from '../core/plan-terms.ts';
import type { Db } from '../lib/database.ts';

/** A version of a plan's price for a period in one currency, with what it buys. */
export interface PlanPrice extends PlanTerms {
  /** Of the price, which a subscription keeps when the plan is sold at another one. */
  id: string;
  version: number;
  code: string;
  name: string;
  rollover_cap_micro: bigint | null;
  trial_days: number;
  grace_days: number;
  /** Null when there is no limit. */
  members_max: number | null;
}

/** What is sold in a currency: the prices of each plan's version that holds now. */
export async function plansOnSale(db: Db, currency: string): Promise<PlanPrice[]> {
  const { rows } = await sql<PlanPrice>`
    select ${COLUMNS} from plans p join ${PLAN_VERSIONS_NOW} v on v.plan_id = p.id
    join plan_prices r on r.plan_id = v.plan_id and r.plan_version = v.version
    where v.active and r.currency = ${currency}
    order by v.position, p.code, r.period`.execute(db);
  return rows;
}

/** One price by its id with what it buys, on sale or kept by those who have it. */
export async function findPlanPrice(db: Db, id: string): Promise<PlanPrice | undefined> {
  const { rows } = await sql<PlanPrice>`
    select ${COLUMNS} from plans p join plan_prices r on r.plan_id = p.id
    join plan_versions v on v.plan_id = r.plan_id and v.version = r.plan_version
    where r.id = ${id}`.execute(db);
  return rows[0];
}

const COLUMNS: RawBuilder<PlanPrice> = sql`
  r.id, r.version, r.period, r.price_minor, r.currency, p.id as plan_id, p.code, v.name,
  v.credits as credits_micro, v.rollover_cap as rollover_cap_micro, v.trial_days, v.grace_days,
  (v.limits ->> 'members_max')::int as members_max`;

/** Of each plan the version that holds now. */
export const PLAN_VERSIONS_NOW = sql`(
  select distinct on (plan_id) * from plan_versions
  where valid_from <= now() order by plan_id, valid_from desc, version desc)`;
