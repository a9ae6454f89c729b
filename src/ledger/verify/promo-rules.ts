import { sql } from 'kysely';
import { type Rules, allOf, breaking } from './scope.ts';

/** Credits that were given without money, beside the rows that say why. */
export const promoRules: Rules = (scope) => {
  const detail = `'redemption ' || r.id`;
  return allOf([
    breaking('a redeemed code has granted its credits', {
      wallet: 'r.wallet_id',
      detail,
      found: sql`from promo_redemptions r
        left join lots l on l.wallet_id = r.wallet_id and l.entry_seq = r.entry_seq
        where ${scope('r.wallet_id')} and r.state = 'redeemed'
          and (l.granted, l.source, l.payment_id) is distinct from
            (r.credits, 'promo', r.payment_id)`,
    }),
    breaking('the code of an order is redeemed when it is paid', {
      wallet: 'p.wallet_id',
      detail: `'payment ' || p.id`,
      found: sql`from payments p
        left join promo_redemptions r on r.payment_id = p.id and r.state = 'redeemed'
        where ${scope('p.wallet_id')} and p.type = 'credit_purchase'
          and (r.id is not null) <> (p.completed_at is not null and p.catalogue ? 'promo')`,
    }),
  ]);
};
