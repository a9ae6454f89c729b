import type { Trx } from '../../lib/database.ts';
import { sendMail } from '../../lib/mail.ts';
import { renderMail } from '../../lib/mail-rendering.ts';
import { buyerOf } from '../buy/buyer-contacts.ts';
import { type Payment, receiptNumberOf } from '../orders.ts';

/**
 * Tells whoever ordered that the money came and the credits are there, in the transaction that settles
 * the payment. A customer without an account has no link: only the product gives those out.
 */
export async function mailReceipt(
  trx: Trx,
  payment: Payment,
  paid: { tax_minor: bigint; total_minor: bigint },
  completed_at: Date,
): Promise<void> {
  const { workspace_id, sold } = payment;
  const to = await buyerOf(trx, payment);
  if (to === undefined) return;
  const mail = renderMail(
    'payment.completed',
    {
      payment: {
        ...{ completed_at, currency: payment.currency, ...paid },
        package_name: sold.name,
        credits_micro: sold.credits_micro,
        bonus_micro: sold.bonus_micro,
        promo: sold.promo,
        receipt_number: receiptNumberOf(payment),
      },
      workspace: to.workspace,
      automatic: payment.auto_top_up,
      path: to.person_id === undefined ? undefined : `/w/${to.slug}/payments/${payment.id}`,
    },
    to.reader,
  );
  const key = `payment.completed ${payment.id}`;
  const { address: to_address, person_id } = to;
  await sendMail(trx, { ...mail, key, to_address, workspace_id, person_id });
}
