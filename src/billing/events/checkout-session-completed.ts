import type Stripe from 'stripe';
import { type Settlement, settle } from '../settlement.ts';
import type { EventHandler, EventResult } from './event.ts';

/**
 * The buyer has gone through the payment page. With a card the money is there; with a method that
 * takes days it is not, and nothing is granted before `async_payment_succeeded`.
 */
export const checkoutSessionCompleted: EventHandler<
  Stripe.CheckoutSessionCompletedEvent | Stripe.CheckoutSessionAsyncPaymentSucceededEvent
> = async (trx, event, payment) => {
  const session = event.data.object;
  if (session.mode !== 'payment' || session.payment_status === 'no_payment_required') {
    return { state: 'flagged', note: `${session.mode}, ${session.payment_status}: not as ordered` };
  }
  if (session.payment_status !== 'paid') {
    return { state: 'done', note: `waits for the money: ${session.payment_status}` };
  }
  if (
    session.amount_subtotal === null ||
    session.amount_total === null ||
    session.currency === null
  ) {
    return { state: 'flagged', note: 'the session does not say what was paid' };
  }
  return resultOf(
    await settle(trx, payment, {
      session_id: session.id,
      payment_intent_id: idOf(session.payment_intent),
      subtotal_minor: BigInt(session.amount_subtotal),
      discount_minor: BigInt(session.total_details?.amount_discount ?? 0),
      tax_minor: BigInt(session.total_details?.amount_tax ?? 0),
      total_minor: BigInt(session.amount_total),
      currency: session.currency.toUpperCase(),
    }),
  );
};

function resultOf(settlement: Settlement): EventResult {
  switch (settlement.outcome) {
    case 'completed':
      return { state: 'done' };
    case 'completed_before':
      return { state: 'done', note: 'was completed before' };
    case 'not_as_ordered':
      return { state: 'flagged', note: settlement.note };
  }
}

function idOf(expandable: string | { id: string } | null): string | null {
  return typeof expandable === 'string' || expandable === null ? expandable : expandable.id;
}
