import type { Request } from 'express';
import { z } from 'zod';
import { parseMoney } from '../core/currencies.ts';
import { formatMoney } from '../core/money.ts';
import type { PaymentReport } from '../billing/payment-reports.ts';
import { type TransferOutcome, markTransferPaid } from '../billing/transfers.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';

/** A day of a bank's statement is over, or runs somewhere on Earth. */
const AHEAD_MILLISECONDS = 14 * 3_600_000;

const TransferForm = z.object({
  amount: z.string().trim().max(30).default(''),
  reference: z
    .string()
    .transform((text) => text.replace(/[\p{Cc}\s]+/gu, ' ').trim())
    .refine((text) => text !== '', "Enter the bank's reference, by which the money is found again.")
    .refine((text) => text.length <= 140, 'At most 140 characters.'),
  received_on: z.iso
    .date('Enter the day as 2026-11-20.')
    .refine((day) => Date.parse(day) < Date.now() + AHEAD_MILLISECONDS, 'That day is to come.'),
});

/** Whether somebody may say that the money of a payment has come. */
export function awaitsTransfer({ payment }: PaymentReport): boolean {
  return (
    payment.provider === 'transfer' &&
    payment.type === 'credit_purchase' &&
    payment.status === 'pending'
  );
}

/**
 * Takes in the form by which staff say that a bank transfer has come.
 * @returns the form to be shown again when it was refused
 */
export async function takeInTransferForm(
  req: Request,
  staff: Express.User,
  connections: Connections,
  { payment }: PaymentReport,
): Promise<FormState | undefined> {
  const form = parseForm(TransferForm, req.body);
  if (!form.ok) return form;
  const { amount: written, reference, received_on } = form.data;
  const amount_minor = parseMoney(written, payment.currency);
  if (amount_minor === undefined) {
    return { ...form, errors: { amount: `Write the amount that came, in ${payment.currency}.` } };
  }
  const outcome = await inWorkspace(connections.app, payment.workspace_id, (trx) =>
    markTransferPaid(trx, {
      payment_id: payment.id,
      currency: payment.currency,
      ...{ amount_minor, reference, received_on },
      actor: { kind: 'person', id: staff.id },
      origin: originOf(req),
    }),
  );
  const refused = refusalOf(outcome, payment);
  return refused === undefined ? undefined : { ...form, errors: {}, ...refused };
}

function refusalOf(
  outcome: TransferOutcome,
  { total_minor, currency }: PaymentReport['payment'],
): Partial<FormState> | undefined {
  switch (outcome.outcome) {
    case 'completed':
    case 'completed_before':
      return undefined;
    case 'paid_by_another':
      return { refusal: `The order is paid already, by the transfer ${outcome.reference}.` };
    case 'not_as_ordered': {
      const amount = `The order is for ${formatMoney(total_minor, currency)}, no more and no less.`;
      return { errors: { amount } };
    }
    case 'cancelled':
      return {
        refusal:
          'The buyer has cancelled this order: the money goes back, or is for another order.',
      };
    case 'no_transfer':
      return { refusal: 'This payment is not paid by bank transfer.' };
  }
}
