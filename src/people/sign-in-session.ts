import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { originOf } from '../lib/guards.ts';
import { beginSession, endSession } from '../lib/sessions.ts';
import type { PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';
import { giveListedRole } from './staff.ts';

/** What somebody showed to be signed in: it has to be good still when the session stands. */
export type Proof =
  /** By `markOf` its hash, so that nobody keeps that. */
  | { kind: 'password'; mark: string; renewed_hash?: string | undefined }
  | { kind: 'google'; subject: string }
  | { kind: 'passkey'; id: string };

/** What a hash of a password is known again by. */
export function markOf(passwordHash: string): string {
  return createHash('sha256').update(passwordHash).digest('base64url');
}

/**
 * Signs a person in: a session with a new id, the audit event, and the staff role of a listed
 * address. The proof is looked at again after the session is stored, under the person's lock: a
 * session that came about while somebody took the password away would outlive it otherwise.
 * @returns false, and no session, if the proof is no longer good
 */
export async function openSession(
  options: PeopleOptions,
  req: Request,
  res: Response,
  person: SignedInPerson,
  proof: Proof,
): Promise<boolean> {
  await beginSession(req, person.id);
  req.user = person;
  let stands = false;
  try {
    stands = await options.connections.app
      .transaction()
      .execute((trx) => confirm(options, trx, req, person.id, proof));
  } finally {
    if (!stands) {
      req.user = undefined;
      await endSession(req, res);
    }
  }
  return stands;
}

async function isGood(
  trx: Trx,
  personId: string,
  row: { password_hash: string | null; google_subject: string | null },
  proof: Proof,
): Promise<boolean> {
  switch (proof.kind) {
    case 'password':
      return row.password_hash !== null && markOf(row.password_hash) === proof.mark;
    case 'google':
      return row.google_subject === proof.subject;
    case 'passkey': {
      const known = await trx
        .selectFrom('passkeys')
        .select('id')
        .where('id', '=', proof.id)
        .where('person_id', '=', personId)
        .executeTakeFirst();
      return known !== undefined;
    }
  }
}

async function confirm(
  options: PeopleOptions,
  trx: Trx,
  req: Request,
  personId: string,
  proof: Proof,
): Promise<boolean> {
  const row = await trx
    .selectFrom('people')
    .select(['email_normalized', 'email_verified_at', 'password_hash', 'google_subject'])
    .select(['staff_role', 'deactivated_at'])
    .where('id', '=', personId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined || row.deactivated_at !== null) return false;
  if (!(await isGood(trx, personId, row, proof))) return false;
  if (proof.kind === 'password' && proof.renewed_hash !== undefined) {
    await trx
      .updateTable('people')
      .set({ password_hash: proof.renewed_hash })
      .where('id', '=', personId)
      .execute();
  }
  await audit(trx, {
    actor: { kind: 'person', id: personId },
    action: 'person.signed_in',
    subject: { kind: 'person', id: personId },
    after: { with: proof.kind },
    origin: originOf(req),
  });
  if (row.email_verified_at !== null)
    await giveListedRole(trx, { id: personId, ...row }, options, originOf(req));
  return true;
}
