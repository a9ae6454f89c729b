import type { Db } from '../lib/database.ts';
import type { EventContext, EventResult, EventWork } from './events/event.ts';
import {
  type Payment,
  findPayment,
  lockPayment,
  noteFailure,
  orderMadeElsewhere,
} from './orders.ts';
import { findPackage } from './packages.ts';
import { mixedUp, resultOf } from './paid-sessions.ts';
import { type Paid, difference, settle } from './settlement.ts';
import type { PaymentIntent } from './stripe-objects.ts';

/**
 * What a payment intent that came through says. Those of Checkout have their order here, and their
 * session tells more of them than they do. Others were made by the seller's own program, which says
 * in the metadata whose wallet it is for (`scrip_wallet`), what was sold (`scrip_package`) and what
 * the payment is to be known as here (`scrip_payment`, a UUID of its own): the catalogue says what
 * that costs.
 */
export async function workOfIntent(
  context: EventContext,
  intent: PaymentIntent,
): Promise<EventWork | EventResult | undefined> {
  const id = intent.metadata.scrip_payment;
  if (id === undefined || intent.status !== 'succeeded') return undefined;
  const known = await findPayment(context.staff, id);
  if (known === undefined) return workOfStranger(context, intent, id);
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

async function workOfStranger(
  { staff, provider, livemode }: EventContext,
  intent: PaymentIntent,
  id: string,
): Promise<EventWork | EventResult | undefined> {
  const { scrip_wallet: wallet_id, scrip_package: code } = intent.metadata;
  if (wallet_id === undefined || code === undefined) return undefined;
  const workspace_id = await workspaceOfWallet(staff, wallet_id);
  if (workspace_id === undefined) return flagged(`there is no live wallet ${wallet_id}`);
  return {
    workspace_id,
    payment_id: id,
    run: async (trx) => {
      const sold = await findPackage(trx, code, intent.currency);
      if (sold === undefined) return flagged(`${code} is not sold in ${intent.currency}`);
      const paid = paidBy(intent);
      const note = difference({ subtotal_minor: sold.price_minor, currency: sold.currency }, paid);
      if (note !== undefined) return flagged(note);
      const order = { id, workspace_id, wallet_id, package: sold, provider, livemode };
      const payment = await orderMadeElsewhere(trx, order);
      return resultOf(await settle(trx, payment, paid));
    },
  };
}

/** What a payment intent that failed says: the order stays open, for another card. */
export async function workOfFailedIntent(
  { staff }: EventContext,
  intent: PaymentIntent,
): Promise<EventWork | undefined> {
  const id = intent.metadata.scrip_payment;
  const payment: Payment | undefined = id === undefined ? undefined : await findPayment(staff, id);
  if (payment === undefined) return undefined;
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

async function workspaceOfWallet(db: Db, walletId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('wallets')
    .select('workspace_id')
    .where('id', '=', walletId)
    .where('livemode', '=', true)
    .executeTakeFirst();
  return row?.workspace_id;
}

function flagged(note: string): EventResult {
  return { state: 'flagged', note };
}
