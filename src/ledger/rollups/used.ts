import { type RawBuilder, sql } from 'kysely';
import type { Window } from '../../core/periods.ts';
import { timestampOf } from '../arrays.ts';
import { entriesIn, foldByCustomer, foldOf } from './fold.ts';

/** Which entries are meant, by whose usage they are; what is left out may be anything. */
export interface UsageFilter {
  operation?: string | undefined;
  /** `NOBODY` for what was asked without a key. */
  api_key_id?: string | undefined;
  /** `NOBODY` for what no person asked. */
  person_id?: string | undefined;
  /** For whom the caller says that it was. */
  on_behalf_of?: string | undefined;
}

/** The conditions of a filter on rollups; entries have the same by the expressions of `GROUPED`. */
export function matching(filter: UsageFilter): RawBuilder<boolean> {
  const conditions = [
    filter.operation === undefined ? undefined : sql`operation = ${filter.operation}`,
    filter.api_key_id === undefined ? undefined : sql`api_key_id = ${filter.api_key_id}`,
    filter.person_id === undefined ? undefined : sql`person_id = ${filter.person_id}`,
    filter.on_behalf_of === undefined ? undefined : sql`on_behalf_of = ${filter.on_behalf_of}`,
  ].filter((one) => one !== undefined);
  return conditions.length === 0 ? sql`true` : sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/**
 * Tables for a `with`: what of a wallet was used and lies in some windows, from the rollups and the
 * entries that are not in them yet. `used` has `number`, that of its window beginning with 1.
 * @param windows one after the other, none over another
 * @param byCustomer whether it is told apart for whom it was; only what says so is there then
 */
export function usedIn(
  walletId: string,
  windows: readonly Window[],
  filter: UsageFilter,
  byCustomer = filter.on_behalf_of !== undefined,
): RawBuilder<unknown> {
  const unrolled = entriesIn(sql`select * from rest`);
  const columns = sql.raw(
    `occurred_quarter_hour, kind, operation, api_key_id, person_id, entry_count, amount, quantity${
      byCustomer ? ', on_behalf_of' : ''
    }`,
  );
  return sql`
    asked as (
      select number, ${sql.raw(timestampOf('starts'))} as starts_at,
        coalesce(${sql.raw(timestampOf('ends'))}, 'infinity') as ends_at
      from unnest(${windows.map((one) => one.starts_at)}::int8[],
        ${windows.map((one) => one.ends_at)}::int8[]) with ordinality as t(starts, ends, number)
    ), edges as materialized (
      select array_agg(starts_at order by number) as starts, array_agg(ends_at order by number) as ends
      from asked
    ), rest as materialized (
      select w.id as wallet_id, coalesce(p.last_seq, 0) as after_seq, w.last_seq as upto_seq
      from wallets w left join rollup_progress p on p.wallet_id = w.id
      where w.id = ${walletId} and w.last_seq > coalesce(p.last_seq, 0)
    ), part as (
      select ${columns} from ${sql.table(byCustomer ? 'customer_rollups' : 'entry_rollups')}
      where wallet_id = ${walletId} and ${within(windows)}
      union all
      select ${columns} from (${byCustomer ? foldByCustomer(unrolled) : foldOf(unrolled)}) unrolled
    ), used as (
      select number, operation, api_key_id, person_id${byCustomer ? sql`, on_behalf_of` : sql``},
        case when kind = 'refund' then 0 else entry_count end as charges,
        case when kind = 'refund' then -amount else amount end as spent,
        case when kind = 'refund' then -quantity else quantity end as quantity
      from edges cross join part
      cross join lateral (select width_bucket(occurred_quarter_hour, starts) as number) w
      where occurred_quarter_hour < ends[number]
        and kind in ('debit', 'capture', 'refund') and ${matching(filter)}
    )`;
}

/** What can lie in the windows; of values, so that it can be estimated how much that is. */
function within(windows: readonly Window[]): RawBuilder<boolean> {
  const at = (instant: bigint): RawBuilder<Date> =>
    sql`timestamptz '1970-01-01T00:00:00Z' + ${instant}::int8 * interval '1 microsecond'`;
  const [first] = windows;
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return sql`false`;
  const from = sql<boolean>`occurred_quarter_hour >= ${at(first.starts_at)}`;
  if (last.ends_at === null) return from;
  return sql`${from} and occurred_quarter_hour < ${at(last.ends_at)}`;
}

/** Sums of what was used: how often it was charged, micro-credits and 10^-6 of a unit. */
export const USED = sql`sum(charges)::int8 as charges, sum(spent)::int8 as spent_micro,
  sum(quantity)::int8 as quantity`;
