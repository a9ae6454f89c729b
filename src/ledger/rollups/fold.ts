import { type RawBuilder, sql } from 'kysely';

/** A column's quarter hour: when it begins. All time zones are whole quarter hours from UTC. */
export function quarterHourOf(column: string): RawBuilder<Date> {
  return sql`date_bin('15 minutes', ${sql.raw(column)}, '2000-01-01T00:00:00Z')`;
}

/** What a fold wants to know of an entry `e`. */
export const FOLDED = sql`e.seq, e.kind, e.operation, e.amount, e.quantity, e.at, e.occurred_at,
  e.available_after + e.held_after - e.debt_after as balance`;

/**
 * The entries of spans, each with the one before it, by the primary key whatever the planner thinks.
 * @param spans a query for wallet_id, after_seq, upto_seq: the entries above one number, up to another
 */
export function entriesIn(spans: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select span.wallet_id, span.after_seq, entry.*
    from (${spans}) span
    cross join lateral (
      select ${FOLDED} from entries e
      where e.wallet_id = span.wallet_id and e.seq between span.after_seq and span.upto_seq offset 0
    ) entry`;
}

/**
 * A query for what entries come to, by wallet, quarter hour, kind and operation: what rollups are
 * made from, and what they are proved with.
 * @param entries wallet_id, after_seq and what is `FOLDED` of those above this number, and of it
 */
export function foldOf(entries: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select wallet_id, ${quarterHourOf('at')} as quarter_hour,
      ${quarterHourOf('coalesce(occurred_at, at)')} as occurred_quarter_hour, kind,
      coalesce(operation, '') as operation, min(seq) as first_seq, max(seq) as last_seq,
      count(*) as entry_count, sum(amount) as amount, sum(balance - balance_before) as balance_change,
      coalesce(sum(quantity), 0) as quantity
    from (
      select *, lag(balance, 1, 0::int8) over (partition by wallet_id, after_seq order by seq)
        as balance_before
      from (${entries}) entry
    ) entry
    where seq > after_seq
    group by 1, 2, 3, 4, 5`;
}
