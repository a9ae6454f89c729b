import type { Request } from 'express';
import { z } from 'zod';
import { parseMoney } from '../core/currencies.ts';
import { unspentMoney } from '../core/payment-reversals.ts';
import type { PaymentReport } from '../billing/payment-reports.ts';
import { askAsStaff } from '../billing/staff-requests.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';

const RefundForm = z.object({
  how: z.enum(['rest', 'unspent', 'part'], 'Choose how much goes back.'),
  amount: z.string().trim().max(30).default(''),
  reason: z
    .string()
    .trim()
    .min(1, 'Say why. The customer may see it.')
    .max(500, 'At most 500 characters.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});

/** What a refund could give back; undefined for a payment of which nothing can be given back. */
export function refundable({ payment, lots }: PaymentReport) {
  const isPaid = payment.status === 'completed' || payment.status === 'refunded';
  const rest_minor = payment.total_minor - payment.refunded_minor;
  if (!isPaid || payment.type === 'refund' || rest_minor === 0n) return undefined;
  return { rest_minor, unspent_minor: unspentMoney(payment, lots) };
}

/**
 * Takes in the form by which staff give money back.
 * @returns the form to be shown again when it was refused, or the request that somebody has to approve
 */
export async function takeInRefundForm(
  req: Request,
  staff: Express.User,
  connections: Connections,
  { payment }: PaymentReport,
): Promise<{ refused: FormState } | { waits: string } | undefined> {
  const form = parseForm(RefundForm, req.body);
  if (!form.ok) return { refused: form };
  const { how, amount: written, reason, nonce } = form.data;
  const amount = how === 'part' ? parseMoney(written, payment.currency) : how;
  if (amount === undefined || amount === 0n) {
    const errors = { amount: `Write an amount in ${payment.currency}, above zero.` };
    return { refused: { ...form, errors } };
  }
  const { id: payment_id, workspace_id } = payment;
  const outcome = await inWorkspace(connections.app, workspace_id, (trx) =>
    askAsStaff(trx, {
      wish: { kind: 'refund', workspace_id, payment_id, amount },
      ...{ reason, nonce, staff_id: staff.id, origin: originOf(req) },
    }),
  );
  switch (outcome.outcome) {
    case 'done':
      return undefined;
    case 'waits':
      return { waits: outcome.request_id };
    case 'refused':
      return { refused: { ...form, errors: {}, refusal: outcome.sentence } };
  }
}
