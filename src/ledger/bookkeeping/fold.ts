import { type RawBuilder, sql } from 'kysely';

/** Entries of a wallet above one number, up to another. */
export interface Span {
  wallet_id: string;
  after_seq: bigint;
  upto_seq: bigint;
}

/** What becomes of a lot's credits, in the order in which its cost is shared out among them. */
const FATES = ['sent', 'used', 'expired', 'returned', 'corrected'] as const;

/** Tables for a `with`: the entries of spans, and their legs with the lots that they are of. */
export function legsOf(spans: readonly Span[], zone: string): RawBuilder<unknown> {
  return sql`
    entry as materialized (
      select e.wallet_id, e.seq, e.kind, e.parent_seq, e.leg_lots, e.leg_from, e.leg_to,
        e.leg_amounts, to_char(e.at at time zone ${zone}, 'YYYY-MM-DD') as day
      from unnest(${spans.map((one) => one.wallet_id)}::uuid[],
        ${spans.map((one) => one.after_seq)}::int8[], ${spans.map((one) => one.upto_seq)}::int8[])
        as span(wallet_id, after_seq, upto_seq)
      cross join lateral (
        select * from entries e where e.wallet_id = span.wallet_id
          and e.seq > span.after_seq and e.seq <= span.upto_seq offset 0
      ) e
    ), leg as materialized (
      select e.wallet_id, e.seq, e.kind, e.day, t.lot, t.source as moved_from,
        t.target as moved_to, t.amount, coalesce(l.source, '') as source,
        coalesce(l.cost_minor > 0, false) as paid
      from entry e cross join lateral
        unnest(e.leg_lots, e.leg_from, e.leg_to, e.leg_amounts) as t(lot, source, target, amount)
      left join lots l on l.wallet_id = e.wallet_id and l.number = t.lot
    )`;
}

/**
 * A query for what moved of the lots that cost something, by wallet, lot and day. A clawback of what
 * was used already has a leg of the debt; which lot it was of stands in its refund total. Where it is
 * reinstated, what does not come back to the lot is used again: it comes as less debt, or as a lot
 * that costs nothing. Nor does what came back to such a lot after an expiry undo the use.
 */
export function movesOfLots(): RawBuilder<unknown> {
  return sql`
    select wallet_id, lot, day, ${sql.join(FATES.map((fate) => sql`sum(${sql.ref(fate)}) as ${sql.ref(fate)}`))}
    from (
      select wallet_id, lot, day,
        case when kind = 'transfer_out' then amount else 0 end as sent,
        case when moved_to = 'c' then amount
          when moved_from = 'c' and moved_to <> 'r' then -amount else 0 end as used,
        case when moved_to = 'e' then amount when moved_from = 'e' then -amount else 0 end as expired,
        case when kind = 'clawback' then amount
          when kind = 'reinstatement' and moved_from = 'r' then -amount else 0 end as returned,
        case when kind = 'adjustment' and moved_to = 'r' then amount else 0 end as corrected
      from leg where lot > 0
      union all
      select leg.wallet_id, r.lot_number, day, 0, -amount, 0, amount, 0
      from leg join refund_totals r on r.wallet_id = leg.wallet_id and r.entry_seq = leg.seq
      where kind = 'clawback' and moved_from = 'd'
      union all
      select e.wallet_id, r.lot_number, e.day, 0, c.amount - back.amount, 0,
        back.amount - c.amount, 0
      from entry e join entries c on c.wallet_id = e.wallet_id and c.seq = e.parent_seq
      join refund_totals r on r.wallet_id = c.wallet_id and r.entry_seq = c.seq
      cross join lateral (
        select coalesce(sum(amount), 0) as amount from leg
        where leg.wallet_id = e.wallet_id and leg.seq = e.seq and moved_from = 'r' and lot > 0
      ) back
      where e.kind = 'reinstatement'
    ) moved
    where exists (
      select from lots l where (l.wallet_id, l.number) = (moved.wallet_id, lot) and l.cost_minor > 0)
    group by wallet_id, lot, day`;
}

/**
 * Tables for a `with`, of the moves in a table `move`: each lot that cost something after each day, and
 * what that day made of its cost. Of so many of the credits, the cost is their part of it, rounded
 * down; of one fate after the other, it is what they come to with those before it, less those. So the
 * parts of all that has become of a lot come to its cost exactly, whichever came last.
 */
export function costsOfLots(): RawBuilder<unknown> {
  const sums = FATES.map(
    (fate) => sql`coalesce(b.${sql.ref(fate)}, 0) + sum(m.${sql.ref(fate)}) over (
      partition by m.wallet_id, m.lot order by m.day) as ${sql.ref(fate)}`,
  );
  const costs = FATES.map((fate, index) => {
    const [until, before] = [index + 1, index].map((end) => FATES.slice(0, end));
    return sql`${changeOf(until ?? [])} - ${changeOf(before ?? [])} as ${sql.ref(`${fate}_minor`)}`;
  });
  return sql`
    state as materialized (
      select m.wallet_id, m.lot, m.day, ${sql.join(sums)},
        ${sql.join(FATES.map((fate) => sql`m.${sql.ref(fate)} as ${sql.ref(`${fate}_moved`)}`))}
      from move m left join booked_lots b on b.wallet_id = m.wallet_id and b.lot_number = m.lot
    ), costed as materialized (
      select s.day, l.currency, ${sql.join(costs)}
      from state s join lots l on l.wallet_id = s.wallet_id and l.number = s.lot
    )`;
}

/** By how much the cost of some fates together changed on a day. */
function changeOf(fates: readonly string[]): RawBuilder<unknown> {
  if (fates.length === 0) return sql`0`;
  const after = sql.join(
    fates.map((fate) => sql`s.${sql.ref(fate)}`),
    sql` + `,
  );
  const moved = sql.join(
    fates.map((fate) => sql`s.${sql.ref(`${fate}_moved`)}`),
    sql` + `,
  );
  return sql`(${costOf(after)} - ${costOf(sql`(${after}) - (${moved})`)})`;
}

/** Rounded down, also below nought: division in SQL would round towards it. */
function costOf(credits: RawBuilder<unknown>): RawBuilder<unknown> {
  const whole = sql`l.cost_minor::numeric * (${credits})`;
  return sql`(div(${whole}, l.granted) - (mod(${whole}, l.granted) < 0)::int)`;
}

/** The columns of `booked_lots`, set to what a state says. */
export const KEPT_OF_LOTS = sql.join(
  FATES.map((fate) => sql`${sql.ref(fate)} = excluded.${sql.ref(fate)}`),
);
export const COLUMNS_OF_LOTS = sql.join(FATES.map((fate) => sql.ref(fate)));
