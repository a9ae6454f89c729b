import { type Actor, type Origin, audit } from '../lib/audit.ts';
import { type Db, type Trx, inWorkspace } from '../lib/database.ts';
import { type Sheet, proFormaSheet } from './documents/sheets.ts';
import { linesOfSold } from './documents/invoice-lines.ts';
import { buyerOf } from './invoices.ts';
import { type Payment, lockPayment, receiptNumberOf } from './orders.ts';
import { sellerOf } from './seller.ts';
import { closeUnpaid, settle } from './settlement.ts';

/** So long a buyer has for a transfer; an order that is paid later is paid all the same. */
const DUE_DAYS = 14;

/** The document by which a buyer pays: our account, the amount, and the reference to write. */
export async function proFormaOf(db: Db, payment: Payment): Promise<Sheet> {
  const { id, workspace_id, livemode, created_at, total_minor, currency } = payment;
  return inWorkspace(db, workspace_id, async (trx) =>
    proFormaSheet(
      {
        number: receiptNumberOf(payment),
        ordered_at: created_at,
        due_at: new Date(created_at.getTime() + DUE_DAYS * 86_400_000),
        lines: linesOfSold(payment.sold, payment.subtotal_minor),
        ...{ livemode, total_minor, currency },
      },
      await sellerOf(trx),
      await buyerOf(trx, id),
    ),
  );
}

/** Where the buyer of an order pays. */
export async function accountFor(db: Db, payment: Payment): Promise<Sheet['payment']> {
  return (await proFormaOf(db, payment)).payment;
}

export interface TransferReceived {
  payment_id: string;
  /** What the bank says came. */
  amount_minor: bigint;
  currency: string;
  /** Under which the bank lists it. */
  reference: string;
  /** The day of the bank's statement, as 2026-11-20. */
  received_on: string;
  actor: Actor & { kind: 'person' };
  origin: Origin;
}

export type TransferOutcome =
  | { outcome: 'completed' }
  /** The same transfer was marked before. */
  | { outcome: 'completed_before' }
  /** Another transfer has paid the order already. */
  | { outcome: 'paid_by_another'; reference: string }
  | { outcome: 'not_as_ordered'; note: string }
  /** The buyer cancelled: the money has to go back, or another order has to be made. */
  | { outcome: 'cancelled' }
  | { outcome: 'no_transfer' };

/**
 * Takes in that the money of an order has come to the account: what a webhook does for Stripe, on
 * the word of one of the staff, who is kept with the bank's reference.
 */
export async function markTransferPaid(
  trx: Trx,
  received: TransferReceived,
): Promise<TransferOutcome> {
  const { payment_id, reference, received_on, amount_minor, currency } = received;
  const payment = await lockPayment(trx, payment_id);
  if (payment?.provider !== 'transfer') return { outcome: 'no_transfer' };
  if (payment.completed_at !== null) {
    const paidBy = await bankReferenceOf(trx, payment_id);
    if (paidBy === reference) return { outcome: 'completed_before' };
    return { outcome: 'paid_by_another', reference: paidBy };
  }
  if (payment.status !== 'pending') return { outcome: 'cancelled' };
  const settlement = await settle(trx, payment, {
    session_id: null,
    payment_intent_id: null,
    subtotal_minor: amount_minor,
    discount_minor: 0n,
    tax_minor: 0n,
    total_minor: amount_minor,
    currency,
  });
  // It is by a session or an intent of Stripe's alone that an order is paid again.
  if (settlement.outcome === 'paid_again') throw new Error('no transfer pays an order again');
  if (settlement.outcome !== 'completed') return settlement;
  await trx
    .updateTable('payments')
    .set({ bank_reference: reference, bank_received_on: received_on })
    .where('id', '=', payment_id)
    .execute();
  await audit(trx, {
    workspace_id: payment.workspace_id,
    actor: received.actor,
    action: 'payment.transfer_received',
    subject: { kind: 'payment', id: payment_id },
    after: { reference, received_on, amount_minor: String(amount_minor), currency },
    origin: received.origin,
  });
  return { outcome: 'completed' };
}

/** Lets go of an order that waits for a transfer. Whether it still waited. */
export async function cancelTransfer(
  trx: Trx,
  paymentId: string,
  by: { actor: Actor; origin: Origin },
): Promise<boolean> {
  const payment = await lockPayment(trx, paymentId);
  if (payment?.provider !== 'transfer') return false;
  return closeUnpaid(trx, payment, 'cancelled', by);
}

async function bankReferenceOf(trx: Trx, paymentId: string): Promise<string> {
  const row = await trx
    .selectFrom('payments')
    .select('bank_reference')
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  return row.bank_reference ?? '';
}
