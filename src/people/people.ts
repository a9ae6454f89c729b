import { z } from 'zod';
import { STAFF_ROLES, type StaffRole } from '../core/staff-functions.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { normalizeEmail } from './fields.ts';
import { refuseKeptAddress, refuseTakenAddress } from './taken-addresses.ts';

export { normalizeEmail } from './fields.ts';
export { hashPassword } from './passwords.ts';

export const staffRole = z.enum(STAFF_ROLES);

/** Who is signed in: `req.user`. */
export interface SignedInPerson {
  id: string;
  email: string;
  name: string;
  staff_role: StaffRole | null;
  /** Whether the address was shown to be theirs. */
  email_verified: boolean;
  /** IANA name. */
  time_zone: string;
  /** BCP 47. */
  locale: string;
  /** Where their picture is, under /pictures/; null without one. */
  picture_id: string | null;
}

/** What others make their own rows from when somebody joins. */
export interface NewPerson {
  id: string;
  email: string;
  name: string;
  time_zone: string;
  /** Whether the address is known to be theirs. */
  verified: boolean;
  google_subject?: string | undefined;
  /** The workspace whose link brought them, if one did. */
  referred_by?: string | undefined;
  origin?: Origin | undefined;
}

export type OnPersonCreated = (trx: Trx, person: NewPerson) => Promise<void>;

export interface CreatePersonOptions {
  email: string;
  name: string;
  /** From `hashPassword`. Without one, only Google signs this person in. */
  password_hash?: string;
  google_subject?: string;
  google_email?: string;
  /** Whether somebody we trust says that the address is this person's. */
  verified: boolean;
  time_zone?: string | undefined;
  /** The workspace whose link brought them. */
  referred_by?: string | undefined;
  origin?: Origin;
}

/**
 * Makes a person, and what belongs to one (`onPersonCreated`: workspace, wallet, welcome credits),
 * in the caller's transaction. Throws 422 `address_taken`, after which the transaction is lost.
 */
export async function createPerson(
  trx: Trx,
  options: CreatePersonOptions,
  onPersonCreated: OnPersonCreated,
): Promise<SignedInPerson> {
  const row = await trx
    .insertInto('people')
    .values({
      id: newId(),
      email: options.email,
      email_normalized: normalizeEmail(options.email),
      email_verified_at: options.verified ? new Date() : null,
      name: options.name,
      password_hash: options.password_hash ?? null,
      google_subject: options.google_subject ?? null,
      google_email: options.google_email ?? null,
      ...(options.time_zone === undefined ? {} : { time_zone: options.time_zone }),
    })
    .returning(SIGNED_IN_COLUMNS)
    .returning('email_normalized')
    .executeTakeFirstOrThrow()
    .catch(refuseTakenAddress);
  await refuseKeptAddress(trx, row);
  const person = signedInPerson(row);
  await audit(trx, {
    actor: { kind: 'person', id: person.id },
    action: 'person.signed_up',
    subject: { kind: 'person', id: person.id },
    ...(options.origin === undefined ? {} : { origin: options.origin }),
  });
  const { id, email, name, time_zone } = person;
  const { verified, google_subject, referred_by, origin } = options;
  const known = { verified, google_subject, referred_by, origin };
  await onPersonCreated(trx, { id, email, name, time_zone, ...known });
  return person;
}

/** The person of an id, unless deactivated. */
export async function activePerson(db: Db, id: string): Promise<SignedInPerson | undefined> {
  const row = await db
    .selectFrom('people')
    .select(SIGNED_IN_COLUMNS)
    .where('id', '=', id)
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  return row && signedInPerson(row);
}

/** Ends all sessions of a person, on every device. */
export async function endSessionsOf(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom('sessions').where('person_id', '=', personId).execute();
}

export const SIGNED_IN_COLUMNS = [
  'id',
  'email',
  'name',
  'staff_role',
  'email_verified_at',
  'time_zone',
  'locale',
  'picture_id',
] as const;

/** A row with at least `SIGNED_IN_COLUMNS`, as what `req.user` holds. */
export function signedInPerson(
  row: Omit<SignedInPerson, 'staff_role' | 'email_verified'> & {
    staff_role: string | null;
    email_verified_at: Date | null;
  },
): SignedInPerson {
  const { id, email, name, time_zone, locale, picture_id } = row;
  return {
    id,
    email,
    name,
    staff_role: staffRole.nullable().parse(row.staff_role),
    email_verified: row.email_verified_at !== null,
    time_zone,
    locale,
    picture_id,
  };
}
