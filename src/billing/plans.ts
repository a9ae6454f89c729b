import { type RawBuilder, sql } from 'kysely';
import type { PlanPeriod, PlanTerms } from '../core/plan-terms.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

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

/** What is sold in a currency: of each plan and period the newest price that is valid by now. */
export async function plansOnSale(db: Db, currency: string): Promise<PlanPrice[]> {
  const { rows } = await sql<PlanPrice>`
    select ${COLUMNS} from plans p join plan_prices r on r.plan_id = p.id
    where p.active and r.currency = ${currency} and r.valid_from <= now() and not exists (
      select from plan_prices newer
      where newer.plan_id = r.plan_id and newer.period = r.period and newer.currency = r.currency
        and newer.valid_from <= now() and newer.version > r.version)
    order by p.position, p.code, r.period`.execute(db);
  return rows;
}

/** One price by its id, on sale or kept by those who have it. */
export async function findPlanPrice(db: Db, id: string): Promise<PlanPrice | undefined> {
  const { rows } = await sql<PlanPrice>`
    select ${COLUMNS} from plans p join plan_prices r on r.plan_id = p.id
    where r.id = ${id}`.execute(db);
  return rows[0];
}

const COLUMNS: RawBuilder<PlanPrice> = sql`
  r.id, r.version, r.period, r.price_minor, r.currency, p.id as plan_id, p.code, p.name,
  p.credits as credits_micro, p.rollover_cap as rollover_cap_micro, p.trial_days, p.grace_days,
  (p.limits ->> 'members_max')::int as members_max`;

export interface NewPlan {
  code: string;
  name: string;
  /** Each month; null: unlimited. */
  credits_micro: bigint | null;
  rollover_cap_micro: bigint | null;
  trial_days: number;
  /** What it allows beside its credits. */
  limits?: { members_max?: number };
  position: number;
  prices: readonly NewPlanPrice[];
  made_by: string;
}

export interface NewPlanPrice {
  period: PlanPeriod;
  currency: string;
  price_minor: bigint;
}

/** Puts a plan on sale. Leaves one alone that is there already. Returns whether it was added. */
export async function addPlan(trx: Trx, made: NewPlan): Promise<boolean> {
  const { prices, credits_micro, rollover_cap_micro, limits = {}, ...row } = made;
  const id = newId();
  const added = await trx
    .insertInto('plans')
    .values({
      ...row,
      id,
      credits: credits_micro,
      rollover_cap: rollover_cap_micro,
      unlimited: credits_micro === null,
      limits: JSON.stringify(limits),
    })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return false;
  for (const price of prices) await addPlanPrice(trx, id, price);
  return true;
}

/**
 * Sells a plan at a new price from now on. Who has subscribed before keeps the price of then.
 * @returns the id of the price
 */
export async function addPlanPrice(trx: Trx, planId: string, price: NewPlanPrice): Promise<string> {
  const id = newId();
  const { period, currency, price_minor } = price;
  await sql`
    insert into plan_prices (id, plan_id, period, currency, price_minor, version)
    select ${id}, ${planId}, ${period}, ${currency}, ${price_minor}, coalesce(max(version), 0) + 1
    from plan_prices
    where plan_id = ${planId} and period = ${period} and currency = ${currency}`.execute(trx);
  return id;
}
