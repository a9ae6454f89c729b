import { sql } from 'kysely';
import type { LotOfPayment } from '../core/payment-reversals.ts';
import type { Trx } from '../lib/database.ts';

/**
 * The lots that a payment bought, with what was clawed back of them. To be asked for while their
 * wallet is locked.
 */
export async function lotsOfPayment(
  trx: Trx,
  { wallet_id, payment_id }: { wallet_id: string; payment_id: string },
): Promise<(LotOfPayment & { clawed_times: number })[]> {
  const { rows } = await sql<Omit<LotOfPayment, 'clawbacks'> & { clawbacks: StoredClawback[] }>`
    select l.number, l.granted, l.available + l.expired as spare,
      coalesce(t.refunded, 0) as clawed_back,
      coalesce((
        select json_agg(json_build_object('entry_seq', e.seq::text, 'amount', e.amount::text,
          'left', (r.taken - r.refunded)::text, 'taken_out', (
            select coalesce(sum(t.amount), 0) from unnest(e.leg_from, e.leg_amounts) as t(source, amount)
            where t.source <> 'd')::text) order by e.seq)
        from entries e
        join refund_totals r on r.wallet_id = e.wallet_id and r.entry_seq = e.seq
        where e.wallet_id = l.wallet_id and e.parent_seq = l.entry_seq and e.kind = 'clawback'
          and r.lot_number = l.number), '[]') as clawbacks
    from lots l
    left join refund_totals t on t.wallet_id = l.wallet_id and t.entry_seq = l.entry_seq
      and t.lot_number = l.number
    where l.wallet_id = ${wallet_id} and l.payment_id = ${payment_id}
    order by l.number`.execute(trx);
  return rows.map(({ clawbacks, ...lot }) => ({
    ...lot,
    clawed_times: clawbacks.length,
    // One that was undone, or written off at once, has nothing left to give back.
    clawbacks: clawbacks
      .filter(({ left }) => left !== '0')
      .map(({ entry_seq, amount, taken_out }) => ({
        entry_seq: BigInt(entry_seq),
        amount: BigInt(amount),
        taken_out: BigInt(taken_out),
      })),
  }));
}

/** JSON has no bigint: numbers come as text. */
interface StoredClawback {
  entry_seq: string;
  amount: string;
  taken_out: string;
  left: string;
}
