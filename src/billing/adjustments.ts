import type { Refusal } from '../core/commands.ts';
import { formatCredits } from '../core/credits.ts';
import { instantOf } from '../core/instant.ts';
import { within } from '../ledger/ledger.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';

/** Credits that the staff give to a wallet or take from it. */
export interface StaffAdjustment {
  /** For ever the same for the same adjustment, which is so made once. */
  key: string;
  workspace_id: string;
  wallet_id: string;
  /** Below zero takes away. */
  amount_micro: bigint;
  /** When the credits expire; null: never. */
  expires_at: Date | null;
  reason: string;
  person_id: string;
  origin: Origin;
}

export type StaffAdjustmentOutcome =
  | { outcome: 'done'; seq: bigint }
  /** Nothing was changed; the sentence says why. */
  | { outcome: 'refused'; sentence: string };

/** Writes the entry, and the audit of it. Runs in a transaction of the workspace. */
export async function adjustByStaff(
  trx: Trx,
  adjustment: StaffAdjustment,
): Promise<StaffAdjustmentOutcome> {
  const { workspace_id, wallet_id, amount_micro, expires_at, reason, person_id } = adjustment;
  const { key, origin } = adjustment;
  const actor = { kind: 'person', id: person_id } as const;
  const outcome = await within(trx, [wallet_id], (wallets) =>
    wallets.run({
      kind: 'adjustment',
      wallet_id,
      amount_micro,
      expires_at: expires_at === null ? null : instantOf(expires_at),
      key: { namespace: 'staff', key },
      asked: { actor_kind: 'person', actor_id: person_id },
      details: { reason, request_id: origin.request_id },
    }),
  );
  if (outcome.outcome === 'refused') {
    return { outcome: 'refused', sentence: adjustmentRefusal(outcome.refusal) };
  }
  const balance = outcome.available_after + outcome.held_after - outcome.debt_after;
  await audit(trx, {
    workspace_id,
    actor,
    action: amount_micro > 0n ? 'wallet.credits_granted' : 'wallet.credits_deducted',
    subject: { kind: 'wallet', id: wallet_id },
    before: { balance_micro: String(balance - amount_micro) },
    after: { balance_micro: String(balance), entry_seq: String(outcome.seq) },
    reason,
    origin,
  });
  return { outcome: 'done', seq: outcome.seq };
}

/** Why credits are not granted or deducted by hand. */
export function adjustmentRefusal(refusal: Refusal): string {
  switch (refusal.code) {
    case 'insufficient_credits':
      return `There are ${formatCredits(refusal.available)} credits to take away, not ${formatCredits(refusal.required)}.`;
    case 'amount_too_large':
      return 'That is more than a wallet holds.';
    default:
      throw new Error(`an adjustment by the staff was refused: ${refusal.code}`);
  }
}
