import { sql } from 'kysely';
import { unspentMoney } from '../core/payment-reversals.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import type { EventContext, EventWork } from './events/event.ts';
import { findPayment, findPaymentByIntent } from './orders.ts';
import { type LockedPayment, lockPaid, takeInReversals, workOnMoneyOf } from './reversals.ts';
import type { Charge, Refund } from './stripe-objects.ts';

export interface RefundRequest {
  payment_id: string;
  /** What is left of it, or as much as its unspent credits cost. */
  amount: bigint | 'rest' | 'unspent';
  reason: string;
  /** The form's nonce: the same request sent twice is one refund. */
  nonce: string;
  actor: Actor & { kind: 'person' };
  origin: Origin;
}

export type RefundOutcome =
  | { outcome: 'asked_for'; refund_id: string }
  /** The same request was taken in before. */
  | { outcome: 'asked_for_before'; refund_id: string }
  /** Also when nothing is left of it, or nothing unspent. */
  | { outcome: 'above_rest'; rest_minor: bigint }
  /** While a bank looks into a dispute Stripe gives nothing back. */
  | { outcome: 'disputed' }
  | { outcome: 'not_paid' };

/**
 * Decides that money goes back: takes the credits back at once, in the paid ratio, and leaves it to
 * `askForRefunds` to ask Stripe. A payment by bank transfer is given back by the seller's own hand,
 * so there is nobody to ask. A refund that fails gives the credits back.
 */
export async function requestRefund(trx: Trx, request: RefundRequest): Promise<RefundOutcome> {
  const payment = await lockPaid(trx, request.payment_id);
  if (payment === undefined) return { outcome: 'not_paid' };
  const order_key = `refund ${request.nonce}`;
  const before = await trx
    .selectFrom('payments')
    .select('id')
    .where('workspace_id', '=', payment.workspace_id)
    .where('order_key', '=', order_key)
    .executeTakeFirst();
  if (before !== undefined) return { outcome: 'asked_for_before', refund_id: before.id };
  const possible = await possibleRefund(trx, payment, request.amount);
  if (possible.outcome !== 'possible') return possible;
  const { amount_minor } = possible;
  const isByHand = payment.provider === 'transfer';
  const refund_id = await addRefund(trx, payment, {
    order_key,
    amount_minor,
    status: isByHand ? 'completed' : 'pending',
    reason: request.reason,
    made_by: request.actor.id,
    ask: !isByHand,
  });
  await audit(trx, {
    workspace_id: payment.workspace_id,
    actor: request.actor,
    action: 'payment.refund_asked_for',
    subject: { kind: 'payment', id: payment.id },
    after: { refund_id, amount_minor: String(amount_minor) },
    reason: request.reason,
    origin: request.origin,
  });
  await takeInReversals(trx, payment.id);
  return { outcome: 'asked_for', refund_id };
}

export type PossibleRefund =
  | { outcome: 'possible'; amount_minor: bigint; currency: string }
  | Extract<RefundOutcome, { outcome: 'above_rest' | 'disputed' | 'not_paid' }>;

/** What a refund that was asked for would give back now. The payment stays locked. */
export async function refundOf(
  trx: Trx,
  paymentId: string,
  amount: RefundRequest['amount'],
): Promise<PossibleRefund> {
  const payment = await lockPaid(trx, paymentId);
  return payment === undefined ? { outcome: 'not_paid' } : possibleRefund(trx, payment, amount);
}

async function possibleRefund(
  trx: Trx,
  payment: LockedPayment,
  amount: RefundRequest['amount'],
): Promise<PossibleRefund> {
  if (payment.status === 'disputed') return { outcome: 'disputed' };
  const { currency } = payment;
  const rest_minor = payment.total_minor - payment.refunded_minor;
  const amount_minor = await amountOf(trx, payment, amount);
  const isThere = amount_minor > 0n && amount_minor <= rest_minor;
  if (!isThere) return { outcome: 'above_rest', rest_minor };
  return { outcome: 'possible', amount_minor, currency };
}

async function amountOf(
  trx: Trx,
  payment: LockedPayment,
  amount: RefundRequest['amount'],
): Promise<bigint> {
  if (amount === 'rest') return payment.total_minor - payment.refunded_minor;
  if (amount !== 'unspent') return amount;
  const lots = await trx
    .selectFrom('lots')
    .select(['granted', 'available'])
    .where('wallet_id', '=', payment.wallet_id)
    .where('payment_id', '=', payment.id)
    .execute();
  return unspentMoney(payment, lots);
}

/** What a charge says of all its refunds together; also before the payment itself was told. */
export async function workOfCharge(
  { staff, livemode }: EventContext,
  charge: Charge,
): Promise<EventWork | undefined> {
  const id = charge.metadata.scrip_payment;
  const payment =
    (await findPaymentByIntent(staff, charge.payment_intent)) ??
    (id === undefined ? undefined : await findPayment(staff, id));
  const { currency, amount_refunded } = charge;
  return workOnMoneyOf(payment, { livemode, currency }, async (trx, { id: payment_id }) => {
    await trx
      .updateTable('payments')
      .set({ updated_at: sql<Date>`now()` })
      .set({
        charge_refunded_minor: sql<bigint>`greatest(charge_refunded_minor, ${amount_refunded})`,
      })
      .where('id', '=', payment_id)
      .execute();
    const taken = await takeInReversals(trx, payment_id);
    return taken === undefined
      ? { state: 'done', note: 'kept until the payment is told' }
      : { state: 'done' };
  });
}

/** What one refund says of itself, whoever asked for it. */
export async function workOfRefund(
  { staff, livemode }: EventContext,
  refund: Refund,
): Promise<EventWork | undefined> {
  const payment = await findPaymentByIntent(staff, refund.payment_intent);
  const { currency } = refund;
  return workOnMoneyOf(payment, { livemode, currency }, async (trx, { id }) => {
    const locked = await lockPaid(trx, id);
    if (locked === undefined) return { state: 'flagged', note: 'refunded before it was paid' };
    await takeInRefund(trx, locked, refund);
    await takeInReversals(trx, id);
    return { state: 'done' };
  });
}

/** Keeps what Stripe says of a refund, in our row of it or in a new one. What is over stays over. */
export async function takeInRefund(
  trx: Trx,
  payment: LockedPayment,
  refund: Refund,
): Promise<void> {
  const status = statusOf(refund);
  const known = await trx
    .selectFrom('payments')
    .select(['id', 'status'])
    .where('parent_payment_id', '=', payment.id)
    .where((row) =>
      row.or([
        row('stripe_refund_id', '=', refund.id),
        row.and([
          row('id', '=', refund.metadata.scrip_refund ?? null),
          row('stripe_refund_id', 'is', null),
        ]),
      ]),
    )
    .executeTakeFirst();
  if (known === undefined) {
    await addRefund(trx, payment, {
      order_key: `refund ${refund.id}`,
      amount_minor: refund.amount,
      status,
      stripe_refund_id: refund.id,
      failure: refund.failure_reason ?? null,
    });
    return;
  }
  const isOver = known.status === 'failed' || known.status === 'cancelled';
  const goesBack = known.status === 'completed' && status === 'pending';
  await trx
    .updateTable('payments')
    .set({ stripe_refund_id: refund.id, next_try_at: null, updated_at: sql<Date>`now()` })
    .set(isOver || goesBack ? {} : { status, failure: refund.failure_reason ?? null })
    .set(
      status === 'completed' && !isOver
        ? { completed_at: sql<Date>`coalesce(completed_at, now())` }
        : {},
    )
    .where('id', '=', known.id)
    .execute();
}

function statusOf({ status }: Refund): 'pending' | 'completed' | 'failed' | 'cancelled' {
  switch (status) {
    case 'failed':
      return 'failed';
    case 'canceled':
      return 'cancelled';
    case 'pending':
    case 'requires_action':
      return 'pending';
    default:
      return 'completed';
  }
}

/** A refund is a payment of its own, beside the one that it gives back. */
async function addRefund(
  trx: Trx,
  payment: LockedPayment,
  refund: {
    order_key: string;
    amount_minor: bigint;
    status: 'pending' | 'completed' | 'failed' | 'cancelled';
    stripe_refund_id?: string;
    reason?: string;
    made_by?: string;
    failure?: string | null;
    /** Whether Stripe is to be asked for it. */
    ask?: boolean;
  },
): Promise<string> {
  const id = newId();
  const { amount_minor, ask, ...row } = refund;
  const { workspace_id, wallet_id, provider, livemode, currency, catalogue } = payment;
  await trx
    .insertInto('payments')
    .values({
      ...row,
      ...{ id, workspace_id, wallet_id, provider, livemode, currency },
      parent_payment_id: payment.id,
      type: 'refund',
      subtotal_minor: amount_minor,
      total_minor: amount_minor,
      catalogue: JSON.stringify(catalogue),
      next_try_at: ask === true ? sql<Date>`now()` : null,
      completed_at: row.status === 'completed' ? sql<Date>`now()` : null,
    })
    .execute();
  return id;
}
