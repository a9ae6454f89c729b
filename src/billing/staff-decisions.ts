import { sql } from 'kysely';
import { type Decision, type DecisionRefusal, refusalOfDecision } from '../core/staff-limits.ts';
import type { Origin } from '../lib/audit.ts';
import { type Trx, enterWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { carryOut } from './staff-carry-out.ts';
import { noteRequest } from './staff-requests.ts';

export interface StaffDecision {
  request_id: string;
  /** Of the request, as its report says; null for many grants. */
  workspace_id: string | null;
  decision: Decision;
  /** Why it is refused. */
  reason?: string;
  person_id: string;
  origin: Origin;
}

export type DecisionOutcome =
  | { outcome: 'done' }
  | { outcome: 'refused'; refusal: DecisionRefusal }
  /** It cannot be done any more, or not yet: the request waits on. */
  | { outcome: 'impossible'; sentence: string };

const ACTIONS: Record<Decision, string> = {
  approve: 'staff_request.approved',
  refuse: 'staff_request.refused',
  withdraw: 'staff_request.withdrawn',
};

/**
 * Approves what another of the staff asked for, and does it in the same transaction; or refuses it;
 * or withdraws what one asked for oneself.
 * @throws AppError 404 for what is no request
 */
export async function decideRequest(trx: Trx, deed: StaffDecision): Promise<DecisionOutcome> {
  if (deed.workspace_id !== null) await enterWorkspace(trx, deed.workspace_id);
  const request = await lockRequest(trx, deed.request_id);
  const refusal = refusalOfDecision(
    deed.decision,
    { id: deed.person_id, role: await roleOf(trx, deed.person_id) },
    {
      ...request,
      is_waiting: request.state === 'waiting',
      asker_role: await roleOf(trx, request.asked_by),
    },
  );
  if (refusal !== undefined) return { outcome: 'refused', refusal };
  const approves = deed.decision === 'approve';
  if (approves) {
    const sentence = await carryOut(trx, request, deed);
    if (sentence !== undefined) return { outcome: 'impossible', sentence };
  }
  await trx
    .updateTable('staff_requests')
    .set({ state: approves ? 'done' : 'refused', decided_by: deed.person_id })
    .set({ decided_at: sql<Date>`now()`, decision_reason: deed.reason ?? null })
    .where('id', '=', request.id)
    .execute();
  await noteRequest(trx, request, {
    ...deed,
    action: ACTIONS[deed.decision],
  });
  return { outcome: 'done' };
}

async function lockRequest(trx: Trx, id: string) {
  const row = await trx
    .selectFrom('staff_requests')
    .select(['id', 'workspace_id', 'kind', 'subject_id', 'amount', 'currency', 'credits_expire_at'])
    .select(['entry_seq', 'reason', 'asked_by', 'state'])
    .select(sql<boolean>`coalesce(expires_at <= now(), false)`.as('is_expired'))
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('request');
  return row;
}

async function roleOf(trx: Trx, personId: string) {
  const person = await trx
    .selectFrom('people')
    .select('staff_role')
    .where('id', '=', personId)
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  return person?.staff_role ?? null;
}
