import { sql } from 'kysely';
import { dateOf } from '../core/instant.ts';
import type { EndingWindow } from '../core/periods.ts';
import type { Db } from '../lib/database.ts';

/** Half a year: older cohorts have long decided. */
const WEEKS_MAX = 26;

/** The people who signed up in a week from Monday, and how many of them have ever paid. */
export interface Cohort {
  /** "2026-11-16" */
  week: string;
  signed_up: bigint;
  bought: bigint;
  /** Of these, within so many days of their own sign-up. */
  bought_in_7_days: bigint;
  bought_in_28_days: bigint;
}

/**
 * From sign-up to the first purchase with money, by the week of the sign-up, newest first. Weeks are
 * whole where the window begins in the middle of one. The staff are not counted.
 */
export async function conversionByWeek(
  db: Db,
  { starts_at, ends_at }: EndingWindow,
  zone: string,
): Promise<Cohort[]> {
  const { rows } = await sql<Cohort>`
    select date_trunc('week', p.created_at at time zone ${zone})::date::text as week,
      count(*) as signed_up, count(bought.at) as bought,
      count(*) filter (where bought.at < p.created_at + interval '7 days') as bought_in_7_days,
      count(*) filter (where bought.at < p.created_at + interval '28 days') as bought_in_28_days
    from people p left join lateral (
      select min(completed_at) as at from payments
      where person_id = p.id and type <> 'refund' and total_minor > 0
    ) bought on true
    where p.created_at >= date_trunc('week', ${dateOf(starts_at)}::timestamptz, ${zone})
      and p.created_at < ${dateOf(ends_at)} and p.staff_role is null
    group by 1 order by 1 desc limit ${WEEKS_MAX}`.execute(db);
  return rows;
}
