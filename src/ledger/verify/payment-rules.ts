import { sql } from 'kysely';
import { type Rules, allOf, breaking } from './scope.ts';

/** Payments beside the lots that they have bought: what was sold, once, and nothing unpaid. */
export const paymentRules: Rules = (scope) => {
  const granted = sql`
    left join lateral (
      select count(*) filter (where l.source = 'purchase') as purchases,
        coalesce(sum(l.granted) filter (where l.source = 'purchase'), 0) as credits,
        coalesce(sum(l.granted) filter (where l.source = 'bonus'), 0) as bonus,
        coalesce(sum(l.granted) filter (where l.source = 'promo'), 0) as promo,
        coalesce(sum(l.cost_minor), 0) as cost_minor
      from lots l join entries e on e.wallet_id = l.wallet_id and e.seq = l.entry_seq
      where l.payment_id = p.id and l.wallet_id = p.wallet_id and e.kind = 'grant'
        and e.payment_id = p.id
    ) g on true`;
  const detail = `'payment ' || p.id`;
  return allOf([
    breaking('a paid payment has granted once what was sold', {
      wallet: 'p.wallet_id',
      detail,
      found: sql`from payments p ${granted}
        where ${scope('p.wallet_id')} and p.type = 'credit_purchase' and p.completed_at is not null
          and (g.purchases, g.credits, g.bonus, g.promo, g.cost_minor) is distinct from
            (1, (p.catalogue->>'credits_micro')::int8, (p.catalogue->>'bonus_micro')::int8,
              coalesce((p.catalogue->'promo'->>'credits_micro')::int8, 0),
              p.subtotal_minor - p.discount_minor)`,
    }),
    // More is taken back while a dispute is open, and where what was taken was written off for good.
    breaking('what money went back for has been taken back', {
      wallet: 'p.wallet_id',
      detail: `${detail} || ', lot ' || l.number`,
      found: sql`from payments p
        left join lateral (
          select coalesce(sum(d.amount_minor), 0) as minor from disputes d
          where d.payment_id = p.id and d.status = 'lost'
        ) lost on true
        join lots l on l.payment_id = p.id and l.wallet_id = p.wallet_id
        left join refund_totals t on t.wallet_id = l.wallet_id and t.entry_seq = l.entry_seq
          and t.lot_number = l.number
        where ${scope('p.wallet_id')} and p.total_minor > 0 and l.source <> 'transfer'
          and coalesce(t.refunded, 0) <
            div(l.granted * least(p.refunded_minor + lost.minor, p.total_minor), p.total_minor)`,
    }),
    breaking('a lot of a payment is of one that was paid into its wallet', {
      wallet: 'l.wallet_id',
      detail: `'lot ' || l.number`,
      found: sql`from lots l
        left join payments p on p.id = l.payment_id and p.completed_at is not null
        where ${scope('l.wallet_id')} and l.payment_id is not null
          and p.wallet_id is distinct from l.wallet_id`,
    }),
  ]);
};
