import { sql } from 'kysely';
import { within } from '../ledger/ledger.ts';
import type { Grant } from '../core/commands.ts';
import { daysAfter, instantOf } from '../core/instant.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { countCharge } from './auto-top-up/months.ts';
import { issueInvoice } from './invoices.ts';
import type { Payment } from './orders.ts';
import { confirmPromo, giveBackPromo, keepGranted, promoGrant } from './promo-codes/redemptions.ts';
import { noteFirstPurchase } from './referrals.ts';
import { takeInReversals } from './reversals.ts';
import { secondPaymentOf } from './payments/second-payments.ts';
import { mailReceipt } from './payments/receipt-mail.ts';

/** What Stripe says was paid. */
export interface Paid {
  /** Null: paid by an intent that was made without Checkout. */
  session_id: string | null;
  payment_intent_id: string | null;
  subtotal_minor: bigint;
  discount_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  currency: string;
}

export type Settlement =
  | { outcome: 'completed' }
  | { outcome: 'completed_before' }
  /** The order had been paid: this is a payment of its own, with its own credits, to be refunded. */
  | { outcome: 'paid_again'; payment_id: string }
  /** Something other than what was ordered was paid: nothing is granted, somebody has to look. */
  | { outcome: 'not_as_ordered'; note: string };

/**
 * Marks a payment as paid and grants its lots, in the one transaction that the caller opened and in
 * which it has locked the payment. However often and from wherever it is called: once.
 */
export async function settle(
  trx: Trx,
  payment: Payment,
  paid: Paid,
  /** For seeding only: when it was paid, if not now. Nobody is told. */
  paidAt?: Date,
): Promise<Settlement> {
  if (payment.completed_at !== null) {
    return isOfSame(payment, paid)
      ? { outcome: 'completed_before' }
      : settleAgain(trx, payment, paid);
  }
  const note = difference(payment, paid);
  if (note !== undefined) return { outcome: 'not_as_ordered', note };
  const completedAt = paidAt ?? new Date();
  await trx
    .updateTable('payments')
    .set({
      status: 'completed',
      discount_minor: paid.discount_minor,
      tax_minor: paid.tax_minor,
      total_minor: paid.total_minor,
      checkout_session_id: paid.session_id ?? payment.checkout_session_id,
      payment_intent_id: paid.payment_intent_id,
      failure: null,
      next_try_at: null,
      completed_at: completedAt,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', payment.id)
    .execute();
  const bought = { ...payment, sold: { ...payment.sold, promo: await confirmPromo(trx, payment) } };
  // Before any wallet is locked, as whoever gives the reward does.
  await noteFirstPurchase(trx, payment, paid.subtotal_minor - paid.discount_minor);
  await grantSold(trx, bought, paid, completedAt, paidAt);
  if (paidAt === undefined) await mailReceipt(trx, bought, paid, completedAt);
  await audit(trx, {
    workspace_id: payment.workspace_id,
    actor: { kind: 'payment' },
    action: 'payment.completed',
    subject: { kind: 'payment', id: payment.id },
    before: { status: payment.status },
    after: { status: 'completed', total_minor: String(paid.total_minor) },
  });
  if (payment.auto_top_up) await countCharge(trx, payment);
  // The last of all: its series is locked from here on, for everybody who sells.
  await issueInvoice(trx, payment.id);
  // What came back of it may have been told first; then it corrects the invoice.
  await takeInReversals(trx, payment.id);
  return { outcome: 'completed' };
}

/**
 * Takes in what was paid for an order that had been paid, by another session say. Whoever paid twice
 * has the credits twice until one of the two is refunded: neither the money nor the credits are lost.
 */
async function settleAgain(trx: Trx, order: Payment, paid: Paid): Promise<Settlement> {
  const { session_id, payment_intent_id } = paid;
  if (session_id === null && payment_intent_id === null) {
    return { outcome: 'not_as_ordered', note: 'paid a second time, nobody knows by what' };
  }
  const note = difference(order, paid);
  if (note !== undefined) return { outcome: 'not_as_ordered', note: `paid again: ${note}` };
  const again = await secondPaymentOf(trx, order, paid);
  if (again.completed_at !== null) return { outcome: 'completed_before' };
  await settle(trx, again, paid);
  return { outcome: 'paid_again', payment_id: again.id };
}

/** Closes a payment that nobody can pay any more. One that was paid stays paid. */
export async function closeUnpaid(
  trx: Trx,
  payment: Payment,
  status: 'cancelled' | 'failed',
  by: { actor: Actor; origin?: Origin } = { actor: { kind: 'payment' } },
): Promise<boolean> {
  if (payment.status !== 'pending') return false;
  await trx
    .updateTable('payments')
    .set({ status, next_try_at: null, updated_at: sql<Date>`now()` })
    .where('id', '=', payment.id)
    .execute();
  await giveBackPromo(trx, { payment_id: payment.id });
  await audit(trx, {
    workspace_id: payment.workspace_id,
    ...by,
    action: `payment.${status}`,
    subject: { kind: 'payment', id: payment.id },
    before: { status: payment.status },
    after: { status },
  });
  return true;
}

/**
 * The paid credits carry what was paid for them; the bonus, and what a promo code adds, are lots of
 * their own that cost nothing.
 */
async function grantSold(
  trx: Trx,
  payment: Payment,
  paid: Paid,
  at: Date,
  ownTime: Date | undefined,
): Promise<void> {
  const { sold } = payment;
  const common = {
    kind: 'grant',
    wallet_id: payment.wallet_id,
    payment_id: payment.id,
    asked: { actor_kind: 'payment' },
  } as const;
  const grants: Grant[] = [
    {
      ...common,
      source: 'purchase',
      amount_micro: sold.credits_micro,
      expires_at: daysAfter(at, sold.expires_after_days),
      cost_minor: paid.subtotal_minor - paid.discount_minor,
      currency: payment.currency,
      key: { namespace: 'payment', key: `${payment.id} credits` },
      details: { description: sold.name },
    },
  ];
  if (sold.bonus_micro > 0n) {
    grants.push({
      ...common,
      source: 'bonus',
      amount_micro: sold.bonus_micro,
      expires_at: daysAfter(at, sold.bonus_expires_after_days),
      key: { namespace: 'payment', key: `${payment.id} bonus` },
      details: { description: sold.name },
    });
  }
  if (sold.promo !== undefined) {
    const { promo } = sold;
    grants.push(promoGrant(payment, promo, daysAfter(at, promo.expires_after_days)));
  }
  await within(trx, [payment.wallet_id], async (wallets) => {
    for (const [index, grant] of grants.entries()) {
      const own = ownTime === undefined ? undefined : instantOf(ownTime) + BigInt(index);
      const outcome = await wallets.run(grant, own);
      // A paid payment whose grant is refused would take money for nothing: undo, and be told again.
      if (outcome.outcome === 'refused') {
        throw new Error(`payment ${payment.id}: its grant was refused: ${outcome.refusal.code}`);
      }
      if (grant.source !== 'promo') continue;
      const granted = { payment_id: payment.id, entry_seq: outcome.seq };
      await keepGranted(trx, { payment_id: payment.id }, granted);
    }
  });
}

/** A session and its payment intent tell of the same money. */
function isOfSame(payment: Payment, paid: Paid): boolean {
  if (paid.session_id !== null && paid.session_id === payment.checkout_session_id) return true;
  return paid.payment_intent_id !== null && paid.payment_intent_id === payment.payment_intent_id;
}

/** Tax is stored apart: what is compared is what was ordered, before it, and the currency. */
export function difference(
  payment: Pick<Payment, 'currency' | 'subtotal_minor'>,
  paid: Paid,
): string | undefined {
  if (paid.currency !== payment.currency) {
    return `paid in ${paid.currency}, ordered in ${payment.currency}`;
  }
  if (paid.subtotal_minor !== payment.subtotal_minor) {
    return `paid ${paid.subtotal_minor}, ordered ${payment.subtotal_minor} minor units`;
  }
  // No order of ours has a discount yet: one was made elsewhere, for somebody else's reasons.
  if (paid.discount_minor !== 0n) return `a discount of ${paid.discount_minor} was not ordered`;
  if (paid.total_minor !== paid.subtotal_minor - paid.discount_minor + paid.tax_minor) {
    return 'the parts of what was paid do not add up';
  }
  return undefined;
}
