import type { Trx } from '../lib/database.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';
import { buyerOf } from './buy/buyer-contacts.ts';
import { receiptNumberOf } from './orders.ts';

/** Tells whoever ordered that money went back, once for each refund, in the transaction that learned it. */
export async function mailRefund(trx: Trx, refundId: string): Promise<void> {
  const refund = await trx
    .selectFrom('payments as r')
    .innerJoin('payments as p', 'p.id', 'r.parent_payment_id')
    .select(['r.total_minor', 'r.currency', 'p.id', 'p.workspace_id', 'p.person_id'])
    .where('r.id', '=', refundId)
    .executeTakeFirstOrThrow();
  const { workspace_id, total_minor, currency } = refund;
  const to = await buyerOf(trx, refund);
  if (to === undefined) return;
  const data = {
    refund: { total_minor, currency },
    receipt_number: receiptNumberOf(refund),
    path: to.person_id === undefined ? undefined : `/w/${to.slug}/payments/${refund.id}`,
  };
  await sendMail(trx, {
    ...renderMail('payment.refunded', data, to.reader),
    key: `payment.refunded ${refundId}`,
    to_address: to.address,
    workspace_id,
    person_id: to.person_id,
  });
}
