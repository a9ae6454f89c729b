import type Stripe from 'stripe';
import { z } from 'zod';
import { findCharge } from './charges.ts';
import { nowSeconds, type Context } from './context.ts';
import { makeDispute } from './dispute-objects.ts';
import { missingResource, StripeError } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { page, type List } from './lists.ts';
import { listShape, text, type AllTrue, type Names } from './parameters.ts';

const disputeListShape = {
  ...listShape,
  charge: text().optional(),
  payment_intent: text().optional(),
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<[Names<typeof disputeListShape, Stripe.DisputeListParams>]>;

export const disputeListParameters = z.strictObject(disputeListShape);

/** What a status leads to; an inquiry, which takes no money, may become a dispute. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  needs_response: ['under_review', 'won', 'lost'],
  under_review: ['won', 'lost'],
  warning_needs_response: ['warning_under_review', 'warning_closed', 'needs_response'],
  warning_under_review: ['warning_closed', 'needs_response'],
};

export const DISPUTE_STATUSES = [
  'needs_response',
  'under_review',
  'warning_under_review',
  'warning_closed',
  'won',
  'lost',
] as const;
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

/** A dispute that the owner of a card opens. */
export interface NewDispute {
  charge: Stripe.Charge;
  /** In minor units; by default what is not refunded. */
  amount?: number | undefined;
  reason: string;
  /** An inquiry: the bank asks, and takes no money. */
  warning: boolean;
}

/** Opens a dispute, with its events. The caller saves. Throws a StripeError. */
export function openDispute(
  context: Context,
  { charge, amount = charge.amount - charge.amount_refunded, reason, warning }: NewDispute,
  news: EventNews = {},
): Stripe.Dispute {
  if (!charge.paid) refuse('A charge that was not paid cannot be disputed.');
  if (amount < 1 || amount > charge.amount) {
    refuse(`The amount must be between 1 and ${charge.amount}.`);
  }
  if (disputesOf(context, charge.id).some(isOpen)) {
    refuse(`Charge ${charge.id} has an open dispute already.`);
  }
  const dispute = makeDispute({ charge, amount, reason, warning });
  context.store.disputes.set(dispute.id, dispute);
  charge.disputed = true;
  emitEvent(context, { type: 'charge.dispute.created', object: dispute, ...news });
  if (!warning) {
    emitEvent(context, { type: 'charge.dispute.funds_withdrawn', object: dispute, ...news });
  }
  return dispute;
}

/** Moves a dispute on, with its events. The caller saves. Throws a StripeError. */
export function moveDispute(
  context: Context,
  dispute: Stripe.Dispute,
  status: DisputeStatus,
  news: EventNews = {},
): Stripe.Dispute {
  const before = dispute.status;
  const next = NEXT[before] ?? [];
  if (!next.includes(status)) {
    refuse(`A dispute that is ${before} cannot become ${status}.`);
  }
  const emit = (type: string, previous_attributes?: object): void => {
    emitEvent(context, { type, object: dispute, previous_attributes, ...news });
  };
  dispute.status = status;
  dispute.is_charge_refundable = status === 'won' || status.startsWith('warning');
  dispute.evidence_details.past_due = dispute.created < nowSeconds() - 7 * 24 * 3600;
  if (NEXT[status] === undefined) {
    emit('charge.dispute.closed', { status: before });
    if (status === 'won') emit('charge.dispute.funds_reinstated');
    return dispute;
  }
  emit('charge.dispute.updated', { status: before });
  if (status === 'needs_response') emit('charge.dispute.funds_withdrawn');
  return dispute;
}

/** A dispute by its id; throws a 404 StripeError. */
export function findDispute(context: Context, id: string): Stripe.Dispute {
  const dispute = context.store.disputes.get(id);
  if (dispute === undefined) throw missingResource('dispute', id);
  return dispute;
}

/** Disputes, the newest first. */
export function listDisputes(
  context: Context,
  parameters: z.output<typeof disputeListParameters>,
): List<Stripe.Dispute> {
  const { charge, payment_intent } = parameters;
  const disputes = [...context.store.disputes.values()].filter(
    (dispute) =>
      (charge === undefined || dispute.charge === charge) &&
      (payment_intent === undefined || dispute.payment_intent === payment_intent),
  );
  return page(disputes, parameters, { url: '/v1/disputes', kind: 'dispute' });
}

/** The dispute because of which a charge cannot be refunded: its money is with the bank. */
export function disputeAgainstRefund(context: Context, charge: string): Stripe.Dispute | undefined {
  return disputesOf(context, charge).find((dispute) => !dispute.is_charge_refundable);
}

/** Whether a dispute or an inquiry has not ended. */
export function isOpen({ status }: Stripe.Dispute): boolean {
  return NEXT[status] !== undefined;
}

/** All disputes of a charge, the oldest first. */
export function disputesOf(context: Context, charge: string): Stripe.Dispute[] {
  return [...context.store.disputes.values()].filter((dispute) => dispute.charge === charge);
}

/** The charge that the control API means: by its id, its PaymentIntent's or its session's. */
export function chargeMeant(
  context: Context,
  {
    charge,
    payment_intent,
    session,
  }: {
    charge?: string | undefined;
    payment_intent?: string | undefined;
    session?: string | undefined;
  },
): Stripe.Charge {
  if (charge !== undefined) return findCharge(context, charge);
  const intent =
    payment_intent ?? context.store.checkouts.get(session ?? '')?.session.payment_intent;
  const found = [...context.store.charges.values()].find(
    (one) => one.paid && one.payment_intent === intent,
  );
  if (found === undefined) refuse('Name a charge, or a payment_intent or session that is paid.');
  return found;
}

function refuse(message: string): never {
  throw new StripeError({ status: 400, message });
}
