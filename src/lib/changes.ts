import { type Actor, type AuditEvent, type Origin, audit } from './audit.ts';
import type { Trx } from './database.ts';

/** Who changes something of the catalogue, and why. */
export interface ChangedBy {
  actor: Actor;
  /** The preset and its version, or who it was, as it stands with what was made. */
  made_by: string;
  reason: string;
  origin?: Origin;
}

/** A change that was made in view of a version, from now on or a later moment. */
export interface Change {
  after_version: number;
  valid_from?: Date | undefined;
  by: ChangedBy;
}

/** `changed_meanwhile`: somebody else made a version after the one that this change was made in view of. */
export type Changed = 'changed' | 'changed_meanwhile';

/** Something as people read it, field by field: what an audit event keeps of before and after. */
export type Told = Readonly<Record<string, string>>;

/** Writes down a change of something, by what people read of it. */
export async function auditChange(
  trx: Trx,
  subject: AuditEvent['subject'],
  { by, valid_from }: Pick<Change, 'by' | 'valid_from'>,
  { before, after }: { before?: Told | undefined; after: Told },
): Promise<void> {
  const from = valid_from === undefined ? {} : { valid_from: valid_from.toISOString() };
  await audit(trx, {
    actor: by.actor,
    action: `${subject.kind}.${before === undefined ? 'added' : 'changed'}`,
    subject,
    ...(before === undefined ? {} : { before }),
    after: { ...after, ...from },
    reason: by.reason,
    ...(by.origin === undefined ? {} : { origin: by.origin }),
  });
}
