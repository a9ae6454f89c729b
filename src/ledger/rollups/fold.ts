import { type RawBuilder, sql } from 'kysely';

/** A column's quarter hour: when it begins. All time zones are whole quarter hours from UTC. */
export function quarterHourOf(column: string): RawBuilder<Date> {
  return sql`date_bin('15 minutes', ${sql.raw(column)}, '2000-01-01T00:00:00Z')`;
}

/** Stands where there is no key and no person. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * The number of the entry that says whose usage an entry `e` is, where it is another: a capture and
 * whatever else comes of a hold goes with the hold, and what comes back with what was charged.
 */
const ROOT_SEQ = sql`case
      when e.kind in ('capture', 'extension', 'release') then e.parent_seq
      when e.kind = 'refund' then (
        select case charge.kind when 'capture' then charge.parent_seq else charge.seq end
        from entries charge where charge.wallet_id = e.wallet_id and charge.seq = e.parent_seq
      ) end`;

/** For `from entries e`: the entry that says whose usage it is, where it is another. */
export const WITH_ROOT = sql`left join lateral (
    select root.* from entries root
    where root.wallet_id = e.wallet_id and root.seq = ${ROOT_SEQ} offset 0
  ) root on true`;

const personOf = (entry: string) =>
  sql.raw(`case ${entry}.actor_kind when 'person' then ${entry}.actor_id end`);
const ofRoot = (own: RawBuilder<unknown>, roots: RawBuilder<unknown>) =>
  sql`case when root.seq is null then ${own} else ${roots} end`;

/** What an entry `e` is grouped by and looked for by; see `WITH_ROOT`. */
export const GROUPED = {
  operation: sql<string>`coalesce(e.operation, root.operation, '')`,
  api_key_id: sql<string>`coalesce(${ofRoot(sql`e.api_key_id`, sql`root.api_key_id`)}, ${NOBODY})`,
  person_id: sql<string>`coalesce(${ofRoot(personOf('e'), personOf('root'))}, ${NOBODY})`,
  on_behalf_of: sql<string>`coalesce(${ofRoot(sql`e.on_behalf_of`, sql`root.on_behalf_of`)}, '')`,
};

/** What a fold wants to know of an entry `e` and its root. */
export const FOLDED = sql`e.seq, e.kind, e.amount, e.quantity, e.at, e.occurred_at,
  ${GROUPED.operation} as operation, ${GROUPED.api_key_id} as api_key_id,
  ${GROUPED.person_id} as person_id, ${GROUPED.on_behalf_of} as on_behalf_of,
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
      select ${FOLDED} from entries e ${WITH_ROOT}
      where e.wallet_id = span.wallet_id and e.seq between span.after_seq and span.upto_seq offset 0
    ) entry`;
}

/**
 * A query for what entries come to, by wallet, quarter hour, kind, operation and who asked: what
 * rollups are made from, and what they are proved with.
 * @param entries wallet_id, after_seq and what is `FOLDED` of those above this number, and of it
 */
export function foldOf(entries: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select ${KEYS}, min(seq) as first_seq, max(seq) as last_seq,
      count(*) as entry_count, sum(amount) as amount, sum(balance - balance_before) as balance_change,
      coalesce(sum(quantity), 0) as quantity
    from (
      select *, lag(balance, 1, 0::int8) over (partition by wallet_id, after_seq order by seq)
        as balance_before
      from (${entries}) entry
    ) entry
    where seq > after_seq
    group by 1, 2, 3, 4, 5, 6, 7`;
}

/** The same of those that say for whom they were, and by that too. */
export function foldByCustomer(entries: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select ${KEYS}, on_behalf_of, min(seq) as first_seq, max(seq) as last_seq,
      count(*) as entry_count, sum(amount) as amount, coalesce(sum(quantity), 0) as quantity
    from (${entries}) entry
    where seq > after_seq and on_behalf_of <> ''
    group by 1, 2, 3, 4, 5, 6, 7, 8`;
}

const KEYS = sql`wallet_id, ${quarterHourOf('at')} as quarter_hour,
  ${quarterHourOf('coalesce(occurred_at, at)')} as occurred_quarter_hour, kind, operation,
  api_key_id, person_id`;
