import { type Version, newestVersion, quietMoments, versionAt } from '../core/versions.ts';
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

/** A version that is to be made, and when it begins: at once when that is absent. */
export type NextVersion = Omit<Change, 'by'> & Pick<ChangedBy, 'made_by'>;

/** Something that is changed by versions, what is to be said of it now, and how both are told. */
export interface Changing<Known, Terms> {
  subject: AuditEvent['subject'];
  versions: readonly Known[];
  terms: Terms;
  tell: (terms: Known | Terms) => Told;
  /** Makes a version of the terms; of two at once one makes it, and the other is told `false`. */
  add: (next: NextVersion, newest: Known) => Promise<boolean>;
}

/** Changes something from now on or a later moment, in view of its newest version. */
export async function changeVersion<Known extends Version, Terms>(
  trx: Trx,
  { subject, versions, terms, tell, add }: Changing<Known, Terms>,
  change: Change,
): Promise<Changed> {
  const newest = newestVersion(versions);
  if (newest?.version !== change.after_version) return 'changed_meanwhile';
  const { after_version, valid_from, by } = change;
  const { made_by } = by;
  if (!(await add({ after_version, valid_from, made_by }, newest))) return 'changed_meanwhile';
  const from = valid_from ?? new Date();
  // What is retired before it was ever in use says nothing either.
  const isSame = (before: Known | undefined, after: Known) =>
    before === undefined ? tell(after)['active'] === 'no' : toldSame(tell(before), tell(after));
  const quiet = quietMoments(versions, from, isSame);
  for (const [index, moment] of quiet.entries()) {
    const next = { after_version: after_version + 1 + index, valid_from: moment, made_by };
    if (!(await add(next, newest))) throw new Error('a version is made twice under one number');
  }
  const before = tell(versionAt(versions, from) ?? newest);
  await auditChange(trx, subject, change, { before, after: tell(terms) });
  return 'changed';
}

/** Whether two say the same to people. */
export function toldSame(one: Told, other: Told): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

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
