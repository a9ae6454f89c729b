import { sql } from 'kysely';
import type { Command } from '../core/commands.ts';
import { type MoneyOfPayment, refundedOf, reversalsFor } from '../core/payment-reversals.ts';
import { within } from '../ledger/ledger.ts';
import { lotsOfPayment } from '../ledger/payment-lots.ts';
import { audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import type { EventResult, EventWork } from './events/event.ts';
import { issueCreditNote } from './invoices.ts';
import type { Payment } from './orders.ts';
import { noteMoneyBack } from './referrals.ts';
import { mailRefund } from './refund-mail.ts';

/**
 * Brings a payment and its credits in line with what is known of its refunds and disputes: to be
 * called by whoever has learned something of these, in the same transaction. Nothing happens to a
 * payment that was not paid; what was told of it before is taken in when it is.
 * @returns the payment as it stands then
 */
export async function takeInReversals(
  trx: Trx,
  paymentId: string,
): Promise<LockedPayment | undefined> {
  const payment = await lockPaid(trx, paymentId);
  if (payment === undefined) return undefined;
  const money = await moneyOf(trx, payment);
  if (money === undefined) return payment;
  const { refunded_minor } = money;
  const status = statusOf(money);
  if (status !== payment.status || refunded_minor !== payment.refunded_minor) {
    await trx
      .updateTable('payments')
      .set({ status, refunded_minor, updated_at: sql<Date>`now()` })
      .where('id', '=', payment.id)
      .execute();
    await audit(trx, {
      workspace_id: payment.workspace_id,
      actor: { kind: 'payment' },
      action: `payment.${status === 'completed' ? 'reversed' : status}`,
      subject: { kind: 'payment', id: payment.id },
      before: { status: payment.status, refunded_minor: String(payment.refunded_minor) },
      after: { status, refunded_minor: String(refunded_minor) },
    });
  }
  if (refunded_minor + money.disputed_minor + money.lost_minor > 0n) {
    await noteMoneyBack(trx, payment.id);
  }
  await moveCredits(trx, payment, money);
  await tellRefunds(trx, payment.id);
  return { ...payment, status, refunded_minor };
}

/** What is to be done about money of a payment that is told of; nothing in another mode or currency. */
export function workOnMoneyOf(
  payment: Payment | undefined,
  { livemode, currency }: { livemode: boolean; currency: string },
  run: (trx: Trx, payment: Payment) => Promise<EventResult>,
): EventWork | undefined {
  if (payment === undefined) return undefined;
  const isOther = payment.livemode !== livemode || payment.currency !== currency;
  const note = 'of another mode or currency than the payment';
  return {
    workspace_id: payment.workspace_id,
    payment_id: payment.id,
    run: (trx) => (isOther ? Promise.resolve({ state: 'flagged', note }) : run(trx, payment)),
  };
}

/** A payment that was paid, with its row locked. */
export type LockedPayment = NonNullable<Awaited<ReturnType<typeof lockPaid>>>;

/** Locks the row of a payment that was paid. */
export async function lockPaid(trx: Trx, paymentId: string) {
  const row = await trx
    .selectFrom('payments')
    .select(['id', 'workspace_id', 'wallet_id', 'status', 'total_minor', 'refunded_minor'])
    .select(['currency', 'charge_refunded_minor', 'provider', 'livemode', 'payment_intent_id'])
    .select('catalogue')
    .where('id', '=', paymentId)
    .where('type', '<>', 'refund')
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { status, ...rest } = row;
  if (status !== 'completed' && status !== 'refunded' && status !== 'disputed') return undefined;
  return { ...rest, status };
}

function statusOf(money: MoneyOfPayment): LockedPayment['status'] {
  if (money.disputed_minor + money.lost_minor > 0n) return 'disputed';
  const { refunded_minor, total_minor } = money;
  return refunded_minor > 0n && refunded_minor === total_minor ? 'refunded' : 'completed';
}

/** Undefined for a payment of which nothing was ever said. */
async function moneyOf(trx: Trx, payment: LockedPayment): Promise<MoneyOfPayment | undefined> {
  const refunds = await trx
    .selectFrom('payments')
    .select(['status', 'total_minor as amount_minor', 'stripe_refund_id'])
    .where('parent_payment_id', '=', payment.id)
    .execute();
  const disputes = await trx
    .selectFrom('disputes')
    .select(['status', 'amount_minor'])
    .where('payment_id', '=', payment.id)
    .execute();
  if (refunds.length + disputes.length === 0 && payment.charge_refunded_minor === 0n) {
    return undefined;
  }
  const inDisputes = (wanted: string): bigint =>
    disputes.reduce((sum, one) => (one.status === wanted ? sum + one.amount_minor : sum), 0n);
  const known = refunds.flatMap(({ status, amount_minor, stripe_refund_id }) =>
    status === 'refunded' || status === 'disputed'
      ? []
      : [{ status, amount_minor, is_at_stripe: stripe_refund_id !== null }],
  );
  return {
    total_minor: payment.total_minor,
    refunded_minor: refundedOf({ ...payment, refunds: known }),
    lost_minor: inDisputes('lost'),
    disputed_minor: inDisputes('open'),
  };
}

/** Each refund has its credit note and is told once. The last of all: the notes' series is locked from here on. */
async function tellRefunds(trx: Trx, paymentId: string): Promise<void> {
  const refunds = await trx
    .selectFrom('payments')
    .select('id')
    .where('parent_payment_id', '=', paymentId)
    .where('status', '=', 'completed')
    .orderBy('id')
    .execute();
  for (const { id } of refunds) {
    await issueCreditNote(trx, id);
    await mailRefund(trx, id);
  }
}

async function moveCredits(
  trx: Trx,
  { id: payment_id, wallet_id }: LockedPayment,
  money: MoneyOfPayment,
): Promise<void> {
  await within(trx, [wallet_id], async (wallets) => {
    const lots = await lotsOfPayment(trx, { wallet_id, payment_id });
    for (const reversal of reversalsFor(money, lots)) {
      const { clawed_times = 0 } = lots.find(({ number }) => number === reversal.lot) ?? {};
      const common = { wallet_id, asked: { actor_kind: 'payment' } } as const;
      const key = (name: string) => ({ namespace: 'payment', key: `${payment_id} ${name}` });
      const command: Command =
        reversal.kind === 'clawback'
          ? {
              ...common,
              ...reversal,
              key: key(`clawback ${reversal.lot} ${clawed_times}`),
            }
          : {
              ...common,
              kind: 'reinstatement',
              entry_seq: reversal.entry_seq,
              key: key(`reinstatement ${reversal.entry_seq}`),
            };
      const outcome = await wallets.run(command);
      if (outcome.outcome === 'refused') {
        throw new Error(`payment ${payment_id}: ${command.kind}: ${outcome.refusal.code}`);
      }
    }
  });
}
