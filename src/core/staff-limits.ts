import { type StaffFunction, type StaffRole, staffMay } from './staff-functions.ts';

/** What of the staff's doings may need somebody else's approval. */
export const STAFF_REQUEST_KINDS = [
  'grant',
  'deduct',
  'bulk_grant',
  'refund',
  'give_back',
] as const;
export type StaffRequestKind = (typeof STAFF_REQUEST_KINDS)[number];

/** What one of the staff may move in 24 hours before somebody else has to approve. */
export interface StaffLimits {
  /** Of support and finance. */
  small_credits_micro: bigint;
  /** Of admins; null: there is no limit. */
  credits_micro: bigint | null;
  /** What is given back of payments, by currency; one that is not there has no limit. */
  money_minor: Readonly<Record<string, bigint>>;
}

/** Which function of the staff it is to ask for something, and which to approve it. */
export const REQUEST_FUNCTIONS: Readonly<
  Record<StaffRequestKind, { ask: StaffFunction; approve: StaffFunction }>
> = {
  grant: { ask: 'credits.grant', approve: 'credits.approve' },
  deduct: { ask: 'credits.deduct', approve: 'credits.approve' },
  bulk_grant: { ask: 'credits.grant_many', approve: 'credits.approve' },
  refund: { ask: 'payments.refund', approve: 'payments.refund' },
  give_back: { ask: 'credits.give_back', approve: 'credits.approve' },
};

/** What somebody of a role may approve. */
export function kindsToApprove(role: StaffRole): readonly StaffRequestKind[] {
  return STAFF_REQUEST_KINDS.filter((kind) => staffMay(role, REQUEST_FUNCTIONS[kind].approve));
}

/** So much somebody of a role may do alone in a day; undefined: without limit. */
export function limitOf(
  role: StaffRole,
  { currency }: { currency: string | null },
  limits: StaffLimits,
): bigint | undefined {
  if (currency !== null) return limits.money_minor[currency];
  if (!staffMay(role, 'credits.approve')) return limits.small_credits_micro;
  return limits.credits_micro ?? undefined;
}

/**
 * Whether somebody else has to approve. What the same person did alone within the day counts, so that
 * nothing large is done in small parts.
 */
export function needsApproval(
  { amount, done_in_day }: { amount: bigint; done_in_day: bigint },
  limit: bigint | undefined,
): boolean {
  return limit !== undefined && done_in_day + amount > limit;
}

export type Decision = 'approve' | 'refuse' | 'withdraw';
export type DecisionRefusal = 'not_waiting' | 'expired' | 'own' | 'not_own' | 'role' | 'asker_left';

/** Why somebody may not decide what one of the staff asked for; undefined when they may. */
export function refusalOfDecision(
  decision: Decision,
  by: { id: string; role: StaffRole | null },
  request: {
    kind: StaffRequestKind;
    is_waiting: boolean;
    is_expired: boolean;
    asked_by: string;
    /** What whoever asked is by now. */
    asker_role: StaffRole | null;
  },
): DecisionRefusal | undefined {
  const { ask, approve } = REQUEST_FUNCTIONS[request.kind];
  const isOwn = by.id === request.asked_by;
  if (!request.is_waiting) return 'not_waiting';
  if (decision === 'withdraw') return isOwn ? undefined : 'not_own';
  if (isOwn) return 'own';
  if (!staffMay(by.role, approve)) return 'role';
  if (decision === 'refuse') return undefined;
  if (request.is_expired) return 'expired';
  return staffMay(request.asker_role, ask) ? undefined : 'asker_left';
}
