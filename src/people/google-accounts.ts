import pg from 'pg';
import { z } from 'zod';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { NAME_MAX, normalizeEmail } from './fields.ts';
import type { GoogleFailure, PeopleOptions } from './options.ts';
import { SIGNED_IN_COLUMNS, type SignedInPerson, createPerson, signedInPerson } from './people.ts';
import { reclaim } from './reclaim.ts';

/** What Google's userinfo says of somebody, as far as we read it. */
export const googleIdentity = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().min(3).max(254),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});
export type GoogleIdentity = z.infer<typeof googleIdentity>;

/** Why somebody is not signed in. It holds nothing that was sent to us. */
export class GoogleRefusal extends Error {
  readonly failure: GoogleFailure;

  constructor(failure: GoogleFailure) {
    super(`sign-in with Google: ${failure}`);
    this.name = 'GoogleRefusal';
    this.failure = failure;
  }
}

type Account = NonNullable<Awaited<ReturnType<typeof accountOf>>>;

/**
 * The person whom Google vouches for: the one who has signed in with this Google account before;
 * else the one with its address, linked now; else a new one. Throws GoogleRefusal.
 */
export async function personOfGoogle(
  options: PeopleOptions,
  identity: GoogleIdentity,
  origin: Origin,
  /** The workspace whose link brought them. */
  referredBy?: string,
): Promise<SignedInPerson> {
  // Whoever can make Google say any address must not become its owner here.
  if (identity.email_verified !== true) throw new GoogleRefusal('unverified');
  const attempt = () =>
    options.connections.app
      .transaction()
      .execute((trx) => findOrCreate(options, trx, identity, origin, referredBy));
  try {
    return await attempt();
  } catch (error) {
    // Somebody made the same account at the same instant: now it is there to be found.
    if (isSameAccountTwice(error)) return attempt();
    throw error;
  }
}

async function findOrCreate(
  options: PeopleOptions,
  trx: Trx,
  identity: GoogleIdentity,
  origin: Origin,
  referredBy: string | undefined,
): Promise<SignedInPerson> {
  const email = addressOf(identity);
  const known = await accountOf(trx, { google_subject: identity.sub });
  if (known !== undefined) {
    const person = activeOnly(known);
    if (known.google_email !== email) await keepAddress(trx, person.id, email);
    return person;
  }
  const account = await accountOf(trx, { email_normalized: normalizeEmail(email) });
  if (account !== undefined) return link(options, trx, account, identity, origin);
  const person = await createPerson(
    trx,
    {
      email,
      name: nameOf(identity, email),
      google_subject: identity.sub,
      google_email: email,
      verified: true,
      referred_by: referredBy,
      origin,
    },
    options.onPersonCreated,
  );
  await recordLink(trx, person.id, { reclaimed: false }, origin);
  return person;
}

/** The address of a Google account as it is compared and shown. */
export function addressOf(identity: GoogleIdentity): string {
  return identity.email.normalize('NFKC').trim();
}

/** What it is called at Google may change: the account stays the same. */
async function keepAddress(trx: Trx, personId: string, google_email: string): Promise<void> {
  await trx.updateTable('people').set({ google_email }).where('id', '=', personId).execute();
}

/**
 * Links an account that has the address. If nobody ever proved to own the address, the account may
 * have been made by somebody who waits for its owner: the password and all sessions go.
 */
async function link(
  options: PeopleOptions,
  trx: Trx,
  account: Account,
  identity: GoogleIdentity,
  origin: Origin,
): Promise<SignedInPerson> {
  const person = activeOnly(account);
  // Somebody linked it between our two looks.
  if (account.google_subject === identity.sub) return person;
  // An address that a company gave to somebody else is not the same person.
  if (account.google_subject !== null) throw new GoogleRefusal('other_account');
  const reclaimed = account.email_verified_at === null;
  // Its owner took Google away. Who never showed to own the address decides nothing for its owner.
  if (account.google_disconnected_at !== null && !reclaimed)
    throw new GoogleRefusal('disconnected');
  await trx
    .updateTable('people')
    .set({
      google_subject: identity.sub,
      google_email: addressOf(identity),
      google_disconnected_at: null,
      updated_at: new Date(),
      ...(reclaimed ? { password_hash: null, email_verified_at: new Date() } : {}),
    })
    .where('id', '=', person.id)
    .execute();
  if (reclaimed) {
    await reclaim(trx, person.id, options);
    await options.onAddressVerified?.(trx, person);
  }
  await recordLink(trx, person.id, { reclaimed }, origin);
  return person;
}

function accountOf(trx: Trx, where: { google_subject: string } | { email_normalized: string }) {
  const query = trx
    .selectFrom('people')
    .select(SIGNED_IN_COLUMNS)
    .select(['google_subject', 'google_email', 'google_disconnected_at'])
    .select(['email_verified_at', 'deactivated_at'])
    .forNoKeyUpdate();
  const narrowed =
    'google_subject' in where
      ? query.where('google_subject', '=', where.google_subject)
      : query.where('email_normalized', '=', where.email_normalized);
  return narrowed.executeTakeFirst();
}

function activeOnly(account: Account): SignedInPerson {
  if (account.deactivated_at !== null) throw new GoogleRefusal('deactivated');
  return signedInPerson(account);
}

function nameOf(identity: GoogleIdentity, email: string): string {
  const name = (identity.name ?? '').replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').trim();
  return (name || email.slice(0, email.indexOf('@'))).slice(0, NAME_MAX);
}

export async function recordLink(
  trx: Trx,
  personId: string,
  after: { reclaimed: boolean },
  origin: Origin,
): Promise<void> {
  await audit(trx, {
    actor: { kind: 'person', id: personId },
    action: 'person.google_linked',
    subject: { kind: 'person', id: personId },
    after,
    origin,
  });
}

function isSameAccountTwice(error: unknown): boolean {
  return (error instanceof AppError && error.code === 'address_taken') || isSubjectTwice(error);
}

/** Whether a statement would have given one Google account to two people. */
export function isSubjectTwice(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.constraint === 'people_have_one_account_per_google_subject'
  );
}
