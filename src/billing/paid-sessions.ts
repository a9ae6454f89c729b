import type { EventContext, EventResult, EventWork } from './events/event.ts';
import { findPayment, lockPayment } from './orders.ts';
import { type Settlement, closeUnpaid, settle } from './settlement.ts';
import type { CheckoutSession } from './stripe-objects.ts';

/**
 * What a Checkout session says of the order that it was made for: paid, expired, or its money did
 * not come. For the webhook, the reconciler, and whoever comes back from the payment page, who all
 * may say it at once and in any order.
 */
export async function workOfSession(
  { staff, livemode }: EventContext,
  session: CheckoutSession,
  /** What an event says beside the session. */
  told: 'state' | 'failed' = 'state',
): Promise<EventWork | undefined> {
  const id = session.metadata.scrip_payment;
  const payment = id === undefined ? undefined : await findPayment(staff, id);
  if (payment === undefined) return undefined;
  return {
    workspace_id: payment.workspace_id,
    payment_id: payment.id,
    run: async (trx) => {
      const locked = await lockPayment(trx, payment.id);
      if (locked === undefined) throw new Error(`payment ${payment.id} has gone`);
      if (locked.livemode !== livemode) return mixedUp();
      if (told === 'failed' || session.status === 'expired') {
        const closed = await closeUnpaid(trx, locked, told === 'failed' ? 'failed' : 'cancelled');
        return closed ? { state: 'done' } : { state: 'done', note: `was ${locked.status} before` };
      }
      return takeInPaid(session, (paid) => settle(trx, locked, paid));
    },
  };
}

async function takeInPaid(
  session: CheckoutSession,
  take: (paid: Parameters<typeof settle>[2]) => Promise<Settlement>,
): Promise<EventResult> {
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
  return resultOf(
    await take({
      session_id: session.id,
      payment_intent_id: session.payment_intent,
      subtotal_minor: amount_subtotal,
      discount_minor: total_details?.amount_discount ?? 0n,
      tax_minor: total_details?.amount_tax ?? 0n,
      total_minor: amount_total,
      currency,
    }),
  );
}

/** Nothing is done then: what was paid in the one is never credited in the other. */
export function mixedUp(): EventResult {
  return { state: 'flagged', note: 'live and test are mixed up' };
}

/** What is written down beside an event that told of a payment. */
export function resultOf(settlement: Settlement): EventResult {
  switch (settlement.outcome) {
    case 'completed':
      return { state: 'done' };
    case 'completed_before':
      return { state: 'done', note: 'was completed before' };
    case 'not_as_ordered':
      return { state: 'flagged', note: settlement.note };
  }
}
