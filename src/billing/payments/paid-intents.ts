import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { type Payment, findPayment, lockPayment, noteFailure } from '../orders.ts';
import { mixedUp, resultOf } from './results.ts';
import { type Paid, settle } from '../settlement.ts';
import type { PaymentIntent } from '../stripe-objects.ts';
import { workOfUnknownOrder } from './unknown-orders.ts';

/**
 * What a payment intent that came through says. Those of Checkout have their order here, and their
 * session tells more of them than they do. Others were made by the seller's own program, and name
 * in their metadata what was ordered.
 */
export async function workOfIntent(
  context: EventContext,
  intent: PaymentIntent,
): Promise<EventWork | EventResult | undefined> {
  const id = intent.metadata.scrip_payment;
  if (id === undefined || intent.status !== 'succeeded') return undefined;
  const known = await findPayment(context.staff, id);
  if (known === undefined) return workOfUnknownOrder(context, intent.metadata, paidBy(intent));
  return {
    workspace_id: known.workspace_id,
    payment_id: id,
    run: async (trx) => {
      const payment = await lockPayment(trx, id);
      if (payment === undefined) throw new Error(`payment ${id} has gone`);
      if (payment.livemode !== context.livemode) return mixedUp();
      if (payment.checkout_session_id !== null && payment.completed_at === null) {
        return { state: 'done', note: 'its session tells what was paid' };
      }
      return resultOf(await settle(trx, payment, paidBy(intent)));
    },
  };
}

/** What a payment intent that failed says: the order stays open, for another card. */
export async function workOfFailedIntent(
  { staff }: EventContext,
  intent: PaymentIntent,
): Promise<EventWork | EventResult | undefined> {
  const id = intent.metadata.scrip_payment;
  const payment: Payment | undefined = id === undefined ? undefined : await findPayment(staff, id);
  if (payment === undefined) return undefined;
  if (payment.auto_top_up) return { state: 'ignored', note: 'whoever asked for it is answered' };
  const error = intent.last_payment_error;
  const failure = error?.decline_code ?? error?.code ?? 'declined';
  return {
    workspace_id: payment.workspace_id,
    payment_id: payment.id,
    run: async (trx) => {
      const noted = await noteFailure(trx, payment.id, failure);
      return noted ? { state: 'done', note: failure } : { state: 'done', note: 'is over by now' };
    },
  };
}

function paidBy(intent: PaymentIntent): Paid {
  const total_minor = intent.amount_received ?? intent.amount;
  const tax_minor = intent.amount_details?.tax?.total_tax_amount ?? 0n;
  return {
    session_id: null,
    payment_intent_id: intent.id,
    subtotal_minor: total_minor - tax_minor,
    discount_minor: 0n,
    tax_minor,
    total_minor,
    currency: intent.currency,
  };
}
