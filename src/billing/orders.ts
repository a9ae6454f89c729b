import { sql } from 'kysely';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import type { Payment as PaymentRow } from '../lib/tables/payments.ts';
import { newId } from '../lib/ids.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import type { Offer } from './packages.ts';
import { type Sold, StoredSold, soldOf } from './sold.ts';

/** A payment with what was sold, as it stood when it was ordered. */
export interface Payment {
  id: string;
  workspace_id: string;
  wallet_id: string;
  person_id: string | null;
  status: PaymentRow['status'];
  provider: PaymentRow['provider'];
  livemode: boolean;
  subtotal_minor: bigint;
  total_minor: bigint;
  /** Of the total, what went back. */
  refunded_minor: bigint;
  currency: string;
  payment_intent_id: string | null;
  checkout_session_id: string | null;
  checkout_url: string | null;
  checkout_tries: number;
  /** Bought by itself, with the saved card that is named. */
  auto_top_up: boolean;
  payment_method_id: string | null;
  failure: string | null;
  /** The order that had been paid before this payment came for it. */
  duplicate_of: string | null;
  created_at: Date;
  completed_at: Date | null;
  return_path: string | null;
  sold: Sold;
}

/** Who orders: a member, or the customer of a product, who is the workspace itself. */
export interface Buyer {
  kind: 'person' | 'customer';
  id: string;
}

export interface NewOrder {
  workspace_id: string;
  buyer: Buyer;
  package: Offer;
  /** The form's nonce: the same order sent twice is one payment. */
  nonce: string;
  provider: PaymentRow['provider'];
  livemode: boolean;
  origin: Origin;
  /** Its code is locked, and holds a place for the order that is made. */
  promo?: NonNullable<Sold['promo']>;
  return_path?: string | undefined;
}

/** Writes a pending payment before anybody is asked for money. The same order again is found again. */
export async function placeOrder(trx: Trx, order: NewOrder): Promise<Payment> {
  const id = newId();
  const orderKey = orderKeyOf(order);
  const added = await trx
    .insertInto('payments')
    .values({
      id,
      workspace_id: order.workspace_id,
      wallet_id: await walletIdOf(trx, order.workspace_id),
      person_id: order.buyer.kind === 'person' ? order.buyer.id : null,
      order_key: orderKey,
      type: 'credit_purchase',
      status: 'pending',
      provider: order.provider,
      livemode: order.livemode,
      subtotal_minor: order.package.price_minor,
      total_minor: order.package.price_minor,
      currency: order.package.currency,
      return_path: order.return_path ?? null,
      package_id: order.package.id,
      catalogue: JSON.stringify(soldOf(order.package, order.promo)),
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'order_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added !== undefined) {
    await audit(trx, {
      workspace_id: order.workspace_id,
      actor: order.buyer,
      action: 'payment.ordered',
      subject: { kind: 'payment', id },
      after: { package: order.package.code, total_minor: String(order.package.price_minor) },
      origin: order.origin,
    });
  }
  const payment = await findOrder(trx, order);
  if (payment !== undefined) return payment;
  throw new Error(`the order ${orderKey} was not placed`);
}

/** The payment of an order that was placed before. */
export async function findOrder(db: Db, order: NewOrder): Promise<Payment | undefined> {
  const row = await selectPayments(db)
    .where('workspace_id', '=', order.workspace_id)
    .where('order_key', '=', orderKeyOf(order))
    .executeTakeFirst();
  return row && readPayment(row);
}

function orderKeyOf({ nonce, package: sold, promo, provider }: NewOrder): string {
  const key = [nonce, sold.code, sold.currency, sold.price_minor];
  if (provider === 'transfer') key.push('transfer');
  return [...key, ...(promo === undefined ? [] : ['code', promo.code])].join(' ');
}

/**
 * Keeps where the buyer pays, so that the same order again goes to the same page. A payment that was
 * settled meanwhile keeps the session that settled it.
 */
export async function keepSession(
  trx: Trx,
  paymentId: string,
  session: { id: string; url: string },
): Promise<void> {
  await trx
    .updateTable('payments')
    .set({
      checkout_session_id: session.id,
      checkout_url: session.url,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', paymentId)
    .where('status', '=', 'pending')
    .execute();
}

/**
 * Writes the order of a payment that the seller's own program asked Stripe for. The same again, also
 * at the same moment, is found again; either way its row is locked.
 */
export async function orderMadeElsewhere(
  trx: Trx,
  order: Pick<NewOrder, 'workspace_id' | 'package' | 'provider' | 'livemode'> & {
    id: string;
    wallet_id: string;
  },
): Promise<Payment> {
  const { id, package: sold, ...row } = order;
  await trx
    .insertInto('payments')
    .values({
      ...row,
      id,
      order_key: `elsewhere ${id}`,
      type: 'credit_purchase',
      status: 'pending',
      subtotal_minor: sold.price_minor,
      total_minor: sold.price_minor,
      currency: sold.currency,
      package_id: sold.id,
      catalogue: JSON.stringify(soldOf(sold)),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const payment = await lockPayment(trx, id);
  if (payment === undefined) throw new Error(`payment ${id} is of another workspace`);
  return payment;
}

/**
 * Writes the order of credits that are bought by themselves, to be asked for at once. The database
 * allows one that is open for each wallet.
 */
export async function orderTopUp(
  trx: Trx,
  order: Pick<NewOrder, 'workspace_id' | 'package' | 'provider' | 'livemode'> & {
    wallet_id: string;
    person_id: string;
    payment_method_id: string;
  },
): Promise<void> {
  const { package: sold, ...row } = order;
  const id = newId();
  await trx
    .insertInto('payments')
    .values({
      ...row,
      id,
      order_key: `auto-top-up ${id}`,
      type: 'credit_purchase',
      status: 'pending',
      auto_top_up: true,
      next_try_at: sql<Date>`now()`,
      subtotal_minor: sold.price_minor,
      total_minor: sold.price_minor,
      currency: sold.currency,
      package_id: sold.id,
      catalogue: JSON.stringify(soldOf(sold)),
    })
    .execute();
  await audit(trx, {
    workspace_id: order.workspace_id,
    actor: { kind: 'job' },
    action: 'payment.ordered',
    subject: { kind: 'payment', id },
    after: { package: sold.code, total_minor: String(sold.price_minor), auto_top_up: true },
  });
}

/** Keeps why a card was declined. Whether the payment was still open. */
export async function noteFailure(trx: Trx, paymentId: string, failure: string): Promise<boolean> {
  const noted = await trx
    .updateTable('payments')
    .set({ failure: failure.slice(0, 200), updated_at: sql<Date>`now()` })
    .where('id', '=', paymentId)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return noted.numUpdatedRows > 0n;
}

/** Makes the next request for a payment page another one to Stripe, if this one is the latest. */
export async function countTry(trx: Trx, payment: Payment): Promise<Payment> {
  const checkout_tries = payment.checkout_tries + 1;
  await trx
    .updateTable('payments')
    .set({ checkout_tries, updated_at: sql<Date>`now()` })
    .where('id', '=', payment.id)
    .where('checkout_tries', '=', payment.checkout_tries)
    .execute();
  return { ...payment, checkout_tries };
}

/** A payment by its id, among those that the connection may see. */
export async function findPayment(db: Db, id: string): Promise<Payment | undefined> {
  const row = await selectPayments(db).where('id', '=', id).executeTakeFirst();
  return row && readPayment(row);
}

/** A payment by Stripe's id of its payment intent, which is known once it was paid; none by null. */
export async function findPaymentByIntent(db: Db, id: string | null): Promise<Payment | undefined> {
  const row = await selectPayments(db).where('payment_intent_id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : readPayment(row);
}

/** The same, with its row locked: whoever settles it does so alone. */
export async function lockPayment(trx: Trx, id: string): Promise<Payment | undefined> {
  const row = await selectPayments(trx).where('id', '=', id).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : readPayment(row);
}

/** The short number that a receipt carries: the end of the id, which is its random part. */
export function receiptNumberOf(payment: { id: string }): string {
  return payment.id.slice(-12).toUpperCase();
}

function selectPayments(db: Db) {
  return db
    .selectFrom('payments')
    .select(['id', 'workspace_id', 'wallet_id', 'person_id', 'status', 'provider', 'livemode'])
    .select(['subtotal_minor', 'discount_minor', 'tax_minor', 'total_minor', 'currency'])
    .select(['payment_intent_id', 'checkout_session_id', 'checkout_url', 'checkout_tries'])
    .select(['refunded_minor', 'auto_top_up', 'payment_method_id', 'failure'])
    .select(['created_at', 'completed_at', 'catalogue', 'return_path', 'duplicate_of']);
}

type PaymentRead = Awaited<ReturnType<ReturnType<typeof selectPayments>['execute']>>[number];
function readPayment({ catalogue, ...row }: PaymentRead): Payment {
  return { ...row, sold: StoredSold.parse(catalogue) };
}
