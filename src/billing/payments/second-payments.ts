import { sql } from 'kysely';
import type { Trx } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import { type Payment, lockPayment } from '../orders.ts';

/**
 * Writes what somebody paid for an order that had been paid: a payment like the first, pending, for
 * whoever calls to settle, without what a promo code added, which is given once. The order is locked, so the same money is found again by what it came by.
 */
export async function secondPaymentOf(
  trx: Trx,
  order: Payment,
  by: { session_id: string | null; payment_intent_id: string | null },
): Promise<Payment> {
  const id = (await knownBy(trx, order, by)) ?? (await write(trx, order));
  const payment = await lockPayment(trx, id);
  if (payment === undefined) throw new Error(`payment ${id} has gone`);
  return payment;
}

/** Its intent may have told of it first, which does not know its session. */
async function knownBy(
  trx: Trx,
  order: Payment,
  by: { session_id: string | null; payment_intent_id: string | null },
): Promise<string | undefined> {
  const known = await trx
    .updateTable('payments')
    .set((row) => ({
      checkout_session_id: row.fn.coalesce('checkout_session_id', sql<string>`${by.session_id}`),
    }))
    .where('duplicate_of', '=', order.id)
    .where((row) =>
      row.or([
        row('checkout_session_id', '=', by.session_id),
        row('payment_intent_id', '=', by.payment_intent_id),
      ]),
    )
    .returning('id')
    .executeTakeFirst();
  return known?.id;
}

async function write(trx: Trx, order: Payment): Promise<string> {
  const id = newId();
  await sql`
    insert into payments (id, workspace_id, wallet_id, person_id, order_key, type, status, provider,
      livemode, subtotal_minor, total_minor, currency, package_id, catalogue, duplicate_of)
    select ${id}, workspace_id, wallet_id, person_id, 'again ' || ${id}, type, 'pending', provider,
      livemode, subtotal_minor, subtotal_minor, currency, package_id, catalogue - 'promo', id
    from payments where id = ${order.id}`.execute(trx);
  return id;
}
