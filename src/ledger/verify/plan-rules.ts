import { sql } from 'kysely';
import { type Rules, allOf, breaking } from './scope.ts';

/** What subscriptions have granted beside the lots and the payments: each once, and nothing else. */
export const planRules: Rules = (scope) =>
  allOf([
    breaking('a subscription has granted what is written of it', {
      wallet: 'g.wallet_id',
      detail: `'grant ' || g.id`,
      found: sql`from plan_grants g
        left join entries e on e.wallet_id = g.wallet_id and e.seq = g.entry_seq and e.kind = 'grant'
        left join lots l on l.wallet_id = g.wallet_id and l.entry_seq = e.seq
        where ${scope('g.wallet_id')} and g.entry_seq is not null
          and (l.granted, l.source, l.subscription_id) is distinct from
            (g.credits, case g.kind when 'rollover' then 'rollover' else 'plan' end,
              g.subscription_id)`,
    }),
    breaking('credits of a subscription are written of it', {
      wallet: 'l.wallet_id',
      detail: `'lot ' || l.number`,
      found: sql`from lots l
        left join plan_grants g on g.subscription_id = l.subscription_id
          and g.wallet_id = l.wallet_id and g.entry_seq = l.entry_seq
        where ${scope('l.wallet_id')} and l.subscription_id is not null and g.id is null`,
    }),
    breaking('a paid invoice has granted once, at the price that was paid', {
      wallet: 'p.wallet_id',
      detail: `'payment ' || p.id`,
      found: sql`from payments p
        left join plan_grants g on g.payment_id = p.id and g.subscription_id = p.subscription_id
          and g.wallet_id = p.wallet_id
        left join lots l on l.wallet_id = g.wallet_id and l.entry_seq = g.entry_seq
        where ${scope('p.wallet_id')} and p.type = 'subscription' and p.completed_at is not null
          and (g.id is null or (l.number is not null and (l.payment_id, l.cost_minor)
            is distinct from (p.id, p.subtotal_minor - p.discount_minor)))`,
    }),
  ]);
