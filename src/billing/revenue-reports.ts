import { sql } from 'kysely';
import { dateOf } from '../core/instant.ts';
import type { EndingWindow } from '../core/periods.ts';
import type { Db } from '../lib/database.ts';

/** What live wallets paid in a window in one currency: minor units, net of tax. */
export interface Revenue {
  /** Of its window, from 0. */
  window: number;
  currency: string;
  payments: bigint;
  sold_minor: bigint;
  refunded_minor: bigint;
  /** Taken by banks for disputes that were lost. */
  disputed_minor: bigint;
}

/**
 * What was sold and given back in windows that follow each other, each payment when it was completed,
 * each refund when the money left. Of the tax a refund gives back as much as its credit note says.
 */
export async function revenueByWindow(
  db: Db,
  windows: readonly EndingWindow[],
): Promise<Revenue[]> {
  const starts = windows.map((one) => dateOf(one.starts_at));
  const ends = dateOf(windows.at(-1)?.ends_at ?? 0n);
  const inside = (at: string) =>
    sql`${sql.ref(at)} >= ${starts[0] ?? ends} and ${sql.ref(at)} < ${ends}`;
  const { rows } = await sql<Omit<Revenue, 'window'> & { number: number }>`
    with moved as (
      select p.completed_at as at, p.currency, 1 as payments,
        p.subtotal_minor - p.discount_minor as sold, 0 as refunded, 0 as disputed
      from payments p join wallets w on w.id = p.wallet_id and w.livemode
      where ${inside('p.completed_at')} and p.type <> 'refund'
      union all
      select r.completed_at, r.currency, 0, 0, r.total_minor
        - div(p.tax_minor::numeric * (r.total_minor + before.refunded), p.total_minor)
        + div(p.tax_minor::numeric * before.refunded, p.total_minor), 0
      from payments r join wallets w on w.id = r.wallet_id and w.livemode
      join payments p on p.id = r.parent_payment_id
      cross join lateral (
        select coalesce(sum(o.total_minor), 0) as refunded from payments o
        where o.parent_payment_id = p.id and o.status = 'completed'
          and (o.completed_at, o.id) < (r.completed_at, r.id)
      ) before
      where ${inside('r.completed_at')} and r.type = 'refund' and r.status = 'completed'
      union all
      select d.updated_at, d.currency, 0, 0, 0,
        d.amount_minor - div(p.tax_minor::numeric * d.amount_minor, p.total_minor)
      from disputes d join wallets w on w.id = d.wallet_id and w.livemode
      join payments p on p.id = d.payment_id
      where d.status = 'lost' and ${inside('d.updated_at')}
    )
    select width_bucket(at, ${starts}::timestamptz[]) - 1 as number, currency,
      sum(payments)::int8 as payments, sum(sold)::int8 as sold_minor,
      sum(refunded)::int8 as refunded_minor, sum(disputed)::int8 as disputed_minor
    from moved group by 1, 2 order by 1, 2`.execute(db);
  return rows.map(({ number, ...row }) => ({ ...row, window: number }));
}

/** Orders of a window that came to nothing because the payment failed. */
export async function failedPayments(
  db: Db,
  { starts_at, ends_at }: EndingWindow,
): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) from payments p join wallets w on w.id = p.wallet_id and w.livemode
    where p.status = 'failed' and p.type <> 'refund'
      and p.created_at >= ${dateOf(starts_at)} and p.created_at < ${dateOf(ends_at)}`.execute(db);
  return rows[0]?.count ?? 0n;
}
