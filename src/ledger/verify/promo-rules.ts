import { sql } from 'kysely';
import { type Rules, type Scope, allOf, breaking } from './scope.ts';

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
    breaking('a redeemed code has given what its terms say', {
      wallet: 'r.wallet_id',
      detail,
      found: sql`from promo_redemptions r
        join promo_codes c on c.id = r.promo_code_id
        left join payments p on p.id = r.payment_id
        where ${scope('r.wallet_id')} and r.state = 'redeemed'
          and r.credits is distinct from coalesce(c.credits,
            div((p.catalogue->>'credits_micro')::numeric * c.percent, 100))`,
    }),
    breaking('the code of a payment is redeemed when it is paid', {
      wallet: 'p.wallet_id',
      detail: `'payment ' || p.id`,
      found: sql`from payments p
        left join promo_redemptions r on r.payment_id = p.id and r.state = 'redeemed'
        where ${scope('p.wallet_id')} and p.type in ('credit_purchase', 'subscription')
          and (r.id is not null) <> (p.completed_at is not null and p.catalogue ? 'promo')`,
    }),
    breaking('credits of a code come with a payment once, and of one that was redeemed', {
      wallet: 'l.wallet_id',
      detail: `'lot ' || l.number`,
      found: sql`from lots l
        left join promo_redemptions r on r.payment_id = l.payment_id and r.wallet_id = l.wallet_id
          and r.entry_seq = l.entry_seq and r.state = 'redeemed'
        where ${scope('l.wallet_id')} and l.source = 'promo' and l.payment_id is not null
          and r.id is null`,
    }),
    rewarded('', scope),
    rewarded('referrer_', scope),
  ]);
};

/** What one of the two was rewarded with, and whether it is taken back where it is said to be. */
function rewarded(prefix: '' | 'referrer_', scope: Scope) {
  const [wallet, seq, credits] = ['wallet_id', 'entry_seq', 'credits'].map((name) =>
    sql.ref(`f.${prefix}${name}`),
  );
  return breaking('a referral has rewarded both, and taken back from both', {
    wallet: `f.${prefix}wallet_id`,
    detail: `'referral ' || f.id`,
    found: sql`from referrals f
      left join lots l on l.wallet_id = ${wallet} and l.entry_seq = ${seq}
      left join refund_totals t on t.wallet_id = l.wallet_id and t.entry_seq = l.entry_seq
        and t.lot_number = l.number
      where ${scope(`f.${prefix}wallet_id`)} and f.state in ('rewarded', 'taken_back')
        and (l.granted, l.source, coalesce(t.refunded, 0)) is distinct from (${credits}, 'reward',
          case f.state when 'taken_back' then ${credits} else 0 end)`,
  });
}
