import { type RawBuilder, sql } from 'kysely';
import { MOVES } from '../../core/moves.ts';
import { type Rules, type Scope, type Violation, allOf, breaking } from './scope.ts';

/** The kinds of entries that take something out of a hold. */
const SETTLING = Object.entries(MOVES).flatMap(([kind, { amount, beside = [] }]) =>
  [...amount, ...beside].some(([from]) => from === 'held') ? [kind] : [],
);

/** Holds and what was given back, beside the entries that made and changed them. */
export const holdRules: Rules = (scope) => sql`
  with pinned as materialized (
    select e.wallet_id, e.seq as hold_seq, t.lot, sum(t.amount) as amount
    from entries e cross join lateral unnest(e.leg_lots, e.leg_amounts) as t(lot, amount)
    where e.kind = 'hold' and ${scope('e.wallet_id')} group by e.wallet_id, e.seq, t.lot
  ), settled as materialized (
    select e.wallet_id, e.parent_seq as hold_seq, t.lot,
      coalesce(sum(t.amount) filter (where t.target = 'c'), 0) as captured,
      coalesce(sum(t.amount) filter (where t.target <> 'c'), 0) as released
    from entries e cross join lateral
      unnest(e.leg_lots, e.leg_from, e.leg_to, e.leg_amounts) as t(lot, source, target, amount)
    where t.source = 'h' and e.kind = any(${SETTLING}) and ${scope('e.wallet_id')} group by e.wallet_id, e.parent_seq, t.lot
  ), pin as materialized (
    select h.wallet_id, h.id, h.entry_seq, h.open, p.lot_number, p.amount, p.captured, p.released
    from holds h join hold_lots p on p.wallet_id = h.wallet_id and p.hold_id = h.id
    where ${scope('h.wallet_id')}
  ), given_back as materialized (
    select e.wallet_id, e.parent_seq as entry_seq, t.lot, sum(t.amount) as amount
    from entries e cross join lateral (
      select lot, sum(amount) as amount
      from unnest(e.leg_lots, e.leg_from, e.leg_amounts) as t(lot, source, amount)
      where source = 'c' and lot > 0 group by lot
      union all
      -- What was owed for comes back as less debt, or as a lot when the debt was repaid before.
      select 0, e.amount - coalesce(sum(amount), 0)
      from unnest(e.leg_lots, e.leg_from, e.leg_amounts) as t(lot, source, amount)
      where source = 'c' and lot > 0
      having e.amount > coalesce(sum(amount), 0)
    ) t
    where e.kind = 'refund' and ${scope('e.wallet_id')} group by e.wallet_id, e.parent_seq, t.lot
  )
  ${allOf([...ofHolds(scope), ...ofRefunds(scope)])}`;

function ofHolds(scope: Scope): RawBuilder<Violation>[] {
  const of = { wallet: 'h.wallet_id', detail: `'hold ' || h.id` };
  return [
    breaking('a hold was made by its entry', {
      ...of,
      found: sql`from holds h
        left join entries e on e.wallet_id = h.wallet_id and e.seq = h.entry_seq and e.kind = 'hold'
        where ${scope('h.wallet_id')} and
          (e.amount, e.at, e.workspace_id) is distinct from (h.amount, h.created_at, h.workspace_id)`,
    }),
    breaking('an entry that holds has its hold', {
      wallet: 'e.wallet_id',
      detail: `'entry ' || e.seq`,
      found: sql`from entries e left join holds h
          on h.wallet_id = e.wallet_id and h.entry_seq = e.seq
        where e.kind = 'hold' and h.id is null and ${scope('e.wallet_id')}`,
    }),
    breaking('a hold is the sum of its lots', {
      ...of,
      found: sql`from holds h left join (
          select wallet_id, id, sum(amount) as amount, sum(captured) as captured,
            sum(released) as released from pin group by wallet_id, id
        ) p on p.wallet_id = h.wallet_id and p.id = h.id
        where ${scope('h.wallet_id')} and (h.amount, h.captured, h.released) <>
          (coalesce(p.amount, 0), coalesce(p.captured, 0), coalesce(p.released, 0))`,
    }),
    breaking('a hold is open while something is left', {
      ...of,
      found: sql`from holds h where ${scope('h.wallet_id')} and h.amount > 0
        and h.open <> (h.amount > h.captured + h.released)`,
    }),
    breaking('what a hold has pinned of a lot is in its entry', {
      wallet: 'wallet_id',
      detail: `'entry ' || hold_seq || ', lot ' || lot`,
      found: sql`from (select wallet_id, entry_seq as hold_seq, lot_number as lot, amount from pin) p
        full join pinned e using (wallet_id, hold_seq, lot)
        where p.amount is distinct from e.amount`,
    }),
    breaking('what became of a hold is in its captures and releases', {
      wallet: 'wallet_id',
      detail: `'entry ' || coalesce(hold_seq, 0) || ', lot ' || lot`,
      found: sql`from (
          select wallet_id, entry_seq as hold_seq, lot_number as lot, captured, released from pin
        ) p full join settled s using (wallet_id, hold_seq, lot)
        where (coalesce(p.captured, 0), coalesce(p.released, 0)) <>
          (coalesce(s.captured, 0), coalesce(s.released, 0))`,
    }),
    breaking('held of a lot is the sum of its holds', {
      wallet: 'l.wallet_id',
      detail: `'lot ' || l.number`,
      found: sql`from lots l left join (
          select wallet_id, lot_number, sum(amount - captured - released) as held
          from pin where open group by wallet_id, lot_number
        ) p on p.wallet_id = l.wallet_id and p.lot_number = l.number
        where ${scope('l.wallet_id')} and l.held <> coalesce(p.held, 0)`,
    }),
  ];
}

function ofRefunds(scope: Scope): RawBuilder<Violation>[] {
  return [
    breaking('what was given back of a charge is the sum of its refunds', {
      detail: `'entry ' || entry_seq || ', lot ' || lot`,
      found: sql`from (
          select r.wallet_id, r.entry_seq, r.lot_number as lot, r.refunded
          from refund_totals r join entries e on e.wallet_id = r.wallet_id and e.seq = r.entry_seq
          where e.kind in ('debit', 'capture') and ${scope('r.wallet_id')}
        ) r full join given_back g using (wallet_id, entry_seq, lot)
        where r.refunded is distinct from g.amount`,
    }),
    breaking('a charge took what its refunds say', {
      wallet: 'r.wallet_id',
      detail: `'entry ' || r.entry_seq || ', lot ' || r.lot_number`,
      found: sql`from refund_totals r
        left join entries e on e.wallet_id = r.wallet_id and e.seq = r.entry_seq
        left join lateral (
          select sum(t.amount) as taken
          from unnest(e.leg_lots, e.leg_to, e.leg_amounts) as t(lot, target, amount)
          where t.lot = r.lot_number and t.target = 'c'
        ) t on true
        where ${scope('r.wallet_id')} and (e.seq is null
          or e.kind in ('debit', 'capture') and r.taken is distinct from t.taken)`,
    }),
  ];
}
