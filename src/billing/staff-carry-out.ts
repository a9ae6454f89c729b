import type { Refusal } from '../core/commands.ts';
import { decimalCredits, formatCredits } from '../core/credits.ts';
import { within } from '../ledger/ledger.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import type { StaffRequest } from '../lib/tables/staff-requests.ts';
import { adjustByStaff } from './adjustments.ts';
import { startBulkGrant } from './bulk-grants/start.ts';
import { type PossibleRefund, requestRefund } from './refunds.ts';

/** A request of the staff, as far as it takes to do it. */
export interface ToCarryOut {
  id: string;
  workspace_id: string | null;
  kind: StaffRequest['kind'];
  subject_id: string;
  amount: bigint;
  currency: string | null;
  credits_expire_at: Date | null;
  /** Of what is given back: which entry charged it. */
  entry_seq: bigint | null;
  reason: string;
  asked_by: string;
}

/**
 * Does what a request asks for, under keys of its own row, so that it is done once however often.
 * @param by whose doing it is: who asked, or who approved
 * @returns undefined, or the sentence that says why it cannot be done
 */
export async function carryOut(
  trx: Trx,
  request: ToCarryOut,
  by: { person_id: string; origin: Origin },
): Promise<string | undefined> {
  switch (request.kind) {
    case 'grant':
      return adjust(trx, request, request.amount, by);
    case 'deduct':
      return adjust(trx, request, -request.amount, by);
    case 'refund': {
      const { outcome } = await requestRefund(trx, {
        payment_id: request.subject_id,
        amount: request.amount,
        reason: request.reason,
        nonce: request.id,
        actor: { kind: 'person', id: request.asked_by },
        origin: by.origin,
      });
      return outcome === 'asked_for' || outcome === 'asked_for_before'
        ? undefined
        : refundRefusal(outcome);
    }
    case 'give_back':
      return giveBack(trx, request, by);
    case 'bulk_grant':
      return startBulkGrant(trx, request, by.origin);
  }
}

/** Why a payment does not give back what was asked for. */
export function refundRefusal(outcome: Exclude<PossibleRefund['outcome'], 'possible'>): string {
  switch (outcome) {
    case 'above_rest':
      return 'That is not left of the payment.';
    case 'disputed':
      return 'A bank disputes this payment, so that Stripe gives nothing back.';
    case 'not_paid':
      return 'This payment was not paid.';
  }
}

/** Credits of one wallet, under a key that is the request's. */
async function adjust(
  trx: Trx,
  request: ToCarryOut,
  amount_micro: bigint,
  by: { origin: Origin },
): Promise<string | undefined> {
  const { id: key, workspace_id, subject_id: wallet_id, reason } = request;
  if (workspace_id === null) throw new Error(`the request ${key} is of no workspace`);
  const outcome = await adjustByStaff(trx, {
    ...{ key, workspace_id, wallet_id, amount_micro, reason, origin: by.origin },
    expires_at: request.credits_expire_at,
    person_id: request.asked_by,
  });
  return outcome.outcome === 'refused' ? outcome.sentence : undefined;
}

async function giveBack(
  trx: Trx,
  request: ToCarryOut,
  by: { origin: Origin },
): Promise<string | undefined> {
  const { id, workspace_id, subject_id: wallet_id, entry_seq, amount, reason, asked_by } = request;
  if (entry_seq === null) throw new Error(`request ${id} gives back nothing`);
  const outcome = await within(trx, [wallet_id], (wallets) =>
    wallets.run({
      ...{ kind: 'refund', wallet_id, entry_seq, amount_micro: amount },
      key: { namespace: 'staff', key: id },
      asked: { actor_kind: 'person', actor_id: asked_by },
      details: { reason, request_id: by.origin.request_id },
    }),
  );
  if (outcome.outcome === 'refused') return givingBackRefusal(outcome.refusal);
  await audit(trx, {
    ...(workspace_id === null ? {} : { workspace_id }),
    actor: { kind: 'person', id: asked_by },
    action: 'entry.given_back',
    subject: { kind: 'wallet', id: wallet_id },
    before: { entry_seq: String(entry_seq) },
    after: { amount: decimalCredits(amount), entry_seq: String(outcome.seq) },
    reason,
    origin: by.origin,
  });
  return undefined;
}

/** Why a charge is not given back. */
export function givingBackRefusal(refusal: Refusal): string {
  switch (refusal.code) {
    case 'charge_unknown':
      return 'This entry charged nothing that could be given back.';
    case 'refund_above_charge':
      return `${formatCredits(refusal.refundable)} credits are left of this entry, and no more go back.`;
    default:
      throw new Error(`giving back was refused: ${refusal.code}`);
  }
}
