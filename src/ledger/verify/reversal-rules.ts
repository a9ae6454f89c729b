import { sql } from 'kysely';
import { type Rules, allOf, breaking } from './scope.ts';

/** What was clawed back and reinstated, beside the totals of it; what was sent, beside what arrived. */
export const reversalRules: Rules = (scope) => sql`
  with undone as materialized (
    select e.wallet_id, e.parent_seq as seq, sum(e.amount) as amount,
      bool_or(e.kind = 'reinstatement') as reinstated
    from entries e
    where e.kind in ('reinstatement', 'write_off') and e.parent_seq is not null
      and ${scope('e.wallet_id')}
    group by e.wallet_id, e.parent_seq
  ), clawback as materialized (
    select e.wallet_id, e.seq, e.parent_seq as grant_seq, e.amount, r.lot_number as lot, r.taken,
      r.refunded, coalesce(u.amount, 0) as returned, coalesce(u.reinstated, false) as reinstated
    from entries e
    left join refund_totals r on r.wallet_id = e.wallet_id and r.entry_seq = e.seq
    left join undone u on u.wallet_id = e.wallet_id and u.seq = e.seq
    where e.kind = 'clawback' and ${scope('e.wallet_id')}
  ), clawed as materialized (
    select wallet_id, grant_seq as entry_seq, lot, sum(amount) as clawed_back
    from clawback where not reinstated group by wallet_id, grant_seq, lot
  ), half as materialized (
    select e.wallet_id, e.seq, e.key_hash, e.amount,
      case e.kind when 'transfer_out' then 'transfer_in' else 'transfer_out' end as other_kind,
      (case e.kind when 'transfer_out' then d.metadata->>'to_wallet_id'
        else d.metadata->>'from_wallet_id' end)::uuid as other_wallet_id
    from entries e join entry_details d on d.wallet_id = e.wallet_id and d.seq = e.seq
    where e.kind in ('transfer_out', 'transfer_in') and ${scope('e.wallet_id')}
  )
  ${allOf([
    breaking('what was given back of a clawback is what was reinstated or written off', {
      wallet: 'c.wallet_id',
      detail: `'entry ' || c.seq`,
      found: sql`from clawback c where (c.taken, c.refunded) is distinct from (c.amount, c.returned)`,
    }),
    breaking('what was taken back of a lot is the sum of its clawbacks', {
      detail: `'entry ' || entry_seq || ', lot ' || lot`,
      found: sql`from (
          select r.wallet_id, r.entry_seq, r.lot_number as lot, r.refunded,
            l.granted is distinct from r.taken as of_another_lot
          from refund_totals r
          join entries e on e.wallet_id = r.wallet_id and e.seq = r.entry_seq
          left join lots l on l.wallet_id = r.wallet_id and l.number = r.lot_number
            and l.entry_seq = r.entry_seq
          where e.kind not in ('debit', 'capture', 'clawback') and ${scope('r.wallet_id')}
        ) r full join clawed c using (wallet_id, entry_seq, lot)
        where r.of_another_lot or coalesce(r.refunded, 0) <> coalesce(c.clawed_back, 0)`,
    }),
    // Details can be erased: then the other half is not known, and this half stands for itself.
    breaking('a transfer is in both of its wallets', {
      wallet: 'h.wallet_id',
      detail: `'entry ' || h.seq`,
      found: sql`from half h
        left join entries o on o.wallet_id = h.other_wallet_id and o.key_hash = h.key_hash
          and o.kind = h.other_kind
        where h.other_wallet_id is not null and o.amount is distinct from h.amount`,
    }),
  ])}`;
