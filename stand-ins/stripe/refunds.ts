import type Stripe from 'stripe';
import { z } from 'zod';
import { findCharge } from './charges.ts';
import { nowSeconds, type Context } from './context.ts';
import { formatMinor } from './currencies.ts';
import { disputeAgainstRefund } from './disputes.ts';
import { missingResource, parameterError, StripeError } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { idOf, newId, randomDigits } from './identifiers.ts';
import { page, type List } from './lists.ts';
import {
  changedMetadata,
  emptyable,
  expand,
  integer,
  listShape,
  metadata,
  metadataChange,
  notDone,
  text,
  type AllTrue,
  type Names,
} from './parameters.ts';
import { findIntent } from './payment-intents.ts';

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

const createShape = {
  amount: integer(1).optional(),
  charge: text().optional(),
  currency: notDone,
  customer: notDone,
  expand,
  instructions_email: notDone,
  metadata: emptyable(metadata).optional(),
  origin: notDone,
  payment_intent: text().optional(),
  reason: z.enum(REFUND_REASONS).optional(),
  refund_application_fee: notDone,
  reverse_transfer: notDone,
};
const updateShape = { expand, metadata: metadataChange.optional() };
const refundListShape = {
  ...listShape,
  charge: text().optional(),
  payment_intent: text().optional(),
};
const cancelShape = { expand };

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof createShape, Stripe.RefundCreateParams>,
    Names<typeof updateShape, Stripe.RefundUpdateParams>,
    Names<typeof refundListShape, Stripe.RefundListParams>,
    Names<typeof cancelShape, Stripe.RefundCancelParams>,
  ]
>;

export const refundCreateParameters = z.strictObject(createShape);
export const refundUpdateParameters = z.strictObject(updateShape);
export const refundListParameters = z.strictObject(refundListShape);
export const refundCancelParameters = z.strictObject(cancelShape);

/** What becomes of a refund; the first two take the money from the charge. */
export const REFUND_STATUSES = [
  'succeeded',
  'pending',
  'requires_action',
  'failed',
  'canceled',
] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** Gives money of a charge back; throws a StripeError for more than is left of it. */
export function createRefund(
  context: Context,
  parameters: z.output<typeof refundCreateParameters>,
  news: EventNews,
): Stripe.Refund {
  const charge = chargeToRefund(context, parameters);
  const amount = amountToRefund(context, charge, parameters.amount);
  const pending = context.store.settings.refunds_pending === true;
  const refund: Stripe.Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: nowSeconds(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: {
        reference: randomDigits(23),
        reference_status: pending ? 'pending' : 'available',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    metadata: parameters.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(pending && { pending_reason: 'processing' }),
    reason: parameters.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: pending ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
  context.store.refunds.set(refund.id, refund);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  emitEvent(context, { type: 'refund.created', object: refund, ...news });
  emitEvent(context, { type: 'charge.refunded', object: charge, ...news });
  return refund;
}

/** A refund by its id; throws a 404 StripeError. */
export function findRefund(context: Context, id: string): Stripe.Refund {
  const refund = context.store.refunds.get(id);
  if (refund === undefined) throw missingResource('refund', id);
  return refund;
}

/** Refunds, the newest first. */
export function listRefunds(
  context: Context,
  parameters: z.output<typeof refundListParameters>,
): List<Stripe.Refund> {
  const { charge, payment_intent } = parameters;
  const refunds = [...context.store.refunds.values()].filter(
    (refund) =>
      (charge === undefined || refund.charge === charge) &&
      (payment_intent === undefined || refund.payment_intent === payment_intent),
  );
  return page(refunds, parameters, { url: '/v1/refunds', kind: 'refund' });
}

/** Changes the metadata of a refund. */
export function updateRefund(
  context: Context,
  id: string,
  { metadata: change }: z.output<typeof refundUpdateParameters>,
  news: EventNews,
): Stripe.Refund {
  const refund = findRefund(context, id);
  const previous_attributes = { metadata: refund.metadata };
  refund.metadata = changedMetadata(refund.metadata, change);
  emitUpdates(context, refund, { previous_attributes, ...news });
  return refund;
}

/** Cancels a refund that waits for the customer; the money stays with the seller. */
export function cancelRefund(context: Context, id: string, news: EventNews): Stripe.Refund {
  const refund = findRefund(context, id);
  if (refund.status !== 'requires_action') {
    throw new StripeError({
      status: 400,
      message: `Refunds can only be canceled when they have a status of requires_action. This refund has a status of ${refund.status ?? 'none'}.`,
    });
  }
  return settleRefund(context, refund, 'canceled', news);
}

/**
 * What the banks make of a refund: one that has failed or was cancelled gives its amount back to
 * the charge, also after it had succeeded. Throws a StripeError for one that has ended so already.
 */
export function settleRefund(
  context: Context,
  refund: Stripe.Refund,
  status: RefundStatus,
  news: EventNews = {},
): Stripe.Refund {
  const before = refund.status;
  if (before === 'failed' || before === 'canceled' || before === status) {
    throw new StripeError({ status: 400, message: `This refund is ${before} already.` });
  }
  refund.status = status;
  delete refund.pending_reason;
  if (status === 'failed') refund.failure_reason = 'expired_or_canceled_card';
  if (status === 'failed' || status === 'canceled') {
    const charge = findCharge(context, idOf(refund.charge));
    charge.amount_refunded -= refund.amount;
    charge.refunded = false;
  }
  if (status === 'failed') emitEvent(context, { type: 'refund.failed', object: refund, ...news });
  emitUpdates(context, refund, { previous_attributes: { status: before }, ...news });
  return refund;
}

/** The same change is told twice, as Stripe does for the sake of older integrations. */
function emitUpdates(
  context: Context,
  refund: Stripe.Refund,
  news: EventNews & { previous_attributes: object },
): void {
  emitEvent(context, { type: 'refund.updated', object: refund, ...news });
  emitEvent(context, { type: 'charge.refund.updated', object: refund, ...news });
}

function chargeToRefund(
  context: Context,
  { charge: id, payment_intent }: z.output<typeof refundCreateParameters>,
): Stripe.Charge {
  if (id !== undefined) return findCharge(context, id, 'charge');
  if (payment_intent === undefined) {
    const message =
      'One of the following params should be provided for this request: payment_intent or charge.';
    throw parameterError(undefined, 'parameter_missing', message);
  }
  const intent = findIntent(context, payment_intent, 'payment_intent');
  const charge = context.store.charges.get(idOf(intent.latest_charge));
  if (charge?.paid === true) return charge;
  const message = `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`;
  throw new StripeError({ status: 400, param: 'payment_intent', message });
}

function amountToRefund(
  context: Context,
  charge: Stripe.Charge,
  asked: number | undefined,
): number {
  const left = charge.amount - charge.amount_refunded;
  if (!charge.paid) {
    const message = `Charge ${charge.id} has not been paid and cannot be refunded.`;
    throw new StripeError({ status: 400, code: 'charge_not_refundable', message });
  }
  if (disputeAgainstRefund(context, charge.id) !== undefined) {
    const message = `Charge ${charge.id} has been charged back; cannot issue a refund.`;
    throw new StripeError({ status: 400, code: 'charge_disputed', message });
  }
  if (left === 0) {
    const message = `Charge ${charge.id} has already been refunded.`;
    throw new StripeError({ status: 400, code: 'charge_already_refunded', message });
  }
  const amount = asked ?? left;
  if (amount <= left) return amount;
  const money = (minor: number): string => formatMinor(minor, charge.currency);
  const message = `Refund amount (${money(amount)}) is greater than unrefunded amount on charge (${money(left)})`;
  throw new StripeError({ status: 400, param: 'amount', message });
}
