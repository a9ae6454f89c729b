import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { findPayment, lockPayment } from '../orders.ts';
import { mixedUp, resultOf } from './results.ts';
import { type Paid, closeUnpaid, settle } from '../settlement.ts';
import type { CheckoutSession } from '../stripe-objects.ts';
import { workOfUnknownOrder } from './unknown-orders.ts';

/**
 * What a Checkout session says of the order that it was made for: paid, expired, or its money did
 * not come. For the webhook, the reconciler, and whoever comes back from the payment page, who all
 * may say it at once and in any order.
 */
export async function workOfSession(
  context: EventContext,
  session: CheckoutSession,
  /** What an event says beside the session. */
  told: 'state' | 'failed' = 'state',
): Promise<EventWork | EventResult | undefined> {
  const id = session.metadata.scrip_payment;
  const payment = id === undefined ? undefined : await findPayment(context.staff, id);
  if (payment === undefined) return workOfStranger(context, session);
  return {
    workspace_id: payment.workspace_id,
    payment_id: payment.id,
    run: async (trx) => {
      const locked = await lockPayment(trx, payment.id);
      if (locked === undefined) throw new Error(`payment ${payment.id} has gone`);
      if (locked.livemode !== context.livemode) return mixedUp();
      if (told === 'failed' || session.status === 'expired') {
        const open = locked.checkout_session_id;
        if (open !== null && open !== session.id) {
          return { state: 'done', note: `it can still be paid by ${open}` };
        }
        const closed = await closeUnpaid(trx, locked, told === 'failed' ? 'failed' : 'cancelled');
        return closed ? { state: 'done' } : { state: 'done', note: `was ${locked.status} before` };
      }
      const paid = paidBy(session);
      return 'state' in paid ? paid : resultOf(await settle(trx, locked, paid));
    },
  };
}

/** Of an order that is not here only what was paid matters. */
async function workOfStranger(
  context: EventContext,
  session: CheckoutSession,
): Promise<EventWork | EventResult | undefined> {
  if (session.mode !== 'payment' || session.payment_status !== 'paid') return undefined;
  const paid = paidBy(session);
  return 'state' in paid ? undefined : workOfUnknownOrder(context, session.metadata, paid);
}

/** What was paid, or what is to be written down when that is not to be credited, or not yet. */
function paidBy(session: CheckoutSession): Paid | EventResult {
  const { mode, payment_status, amount_subtotal, amount_total, currency, total_details } = session;
  if (mode !== 'payment' || payment_status === 'no_payment_required') {
    return { state: 'flagged', note: `${mode}, ${payment_status}: not as ordered` };
  }
  // With a card the money is there; with a method that takes days it is not yet.
  if (payment_status !== 'paid') {
    return { state: 'done', note: `waits for the money: ${payment_status}` };
  }
  if (amount_subtotal === null || amount_total === null || currency === null) {
    return { state: 'flagged', note: 'the session does not say what was paid' };
  }
  return {
    session_id: session.id,
    payment_intent_id: session.payment_intent,
    subtotal_minor: amount_subtotal,
    discount_minor: total_details?.amount_discount ?? 0n,
    tax_minor: total_details?.amount_tax ?? 0n,
    total_minor: amount_total,
    currency,
  };
}
