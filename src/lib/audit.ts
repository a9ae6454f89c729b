import { newId } from './ids.ts';
import type { Trx } from './database.ts';

/** Who did something. People, keys and customers say which; payments, jobs and the system may. */
export type Actor =
  | { kind: 'person' | 'api_key' | 'customer'; id: string }
  | { kind: 'payment' | 'job' | 'system'; id?: string };

/** Where a request came from, as far as an audit event keeps it. */
export interface Origin {
  ip?: string | undefined;
  request_id?: string | undefined;
}

export interface AuditEvent {
  workspace_id?: string;
  actor: Actor;
  /** Subject and past participle: `person.signed_up`, `payment.completed`. */
  action: string;
  subject: { kind: string; id: string };
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  reason?: string;
  origin?: Origin;
}

/**
 * Writes what somebody changed, in the transaction that changes it. What moves credits is not
 * repeated here: each entry of the ledger says who asked.
 */
export async function audit(trx: Trx, event: AuditEvent): Promise<void> {
  await trx
    .insertInto('audit_events')
    .values({
      id: newId(),
      workspace_id: event.workspace_id ?? null,
      actor_kind: event.actor.kind,
      actor_id: event.actor.id ?? null,
      action: event.action,
      subject_kind: event.subject.kind,
      subject_id: event.subject.id,
      before: event.before === undefined ? null : JSON.stringify(event.before),
      after: event.after === undefined ? null : JSON.stringify(event.after),
      reason: event.reason ?? null,
      ip: event.origin?.ip ?? null,
      request_id: event.origin?.request_id ?? null,
    })
    .execute();
}
