import type { Origin } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import {
  type GoogleIdentity,
  GoogleRefusal,
  addressOf,
  isSubjectTwice,
  recordLink,
} from './google-accounts.ts';
import { recordChange, tellOfChange } from './security-mails.ts';
import { lockWaysIn, remainsWithout } from './security/ways-in.ts';

interface Holder {
  id: string;
  email: string;
}

/** Whose account a Google account signs in to. */
export async function personConnectedTo(db: Db, subject: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('people')
    .select('id')
    .where('google_subject', '=', subject)
    .executeTakeFirst();
  return row?.id;
}

/**
 * Lets a Google account sign in to the account of who is signed in. Its address may be another one,
 * and changes nothing about theirs. Again for the one that is connected: nothing happens.
 * @throws GoogleRefusal `taken` when it is somebody else's, `another` when there is one already,
 *   `address` while nobody showed to own the account's address, `unverified`
 */
export async function connectGoogle(
  trx: Trx,
  person: Holder,
  identity: GoogleIdentity,
  origin: Origin,
): Promise<void> {
  if (identity.email_verified !== true) throw new GoogleRefusal('unverified');
  const account = await trx
    .selectFrom('people')
    .select(['google_subject', 'email_verified_at'])
    .where('id', '=', person.id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (account.google_subject === identity.sub) return;
  if (account.google_subject !== null) throw new GoogleRefusal('another');
  // Else the owner of the address would find an account that somebody prepared for them.
  if (account.email_verified_at === null) throw new GoogleRefusal('address');
  await trx
    .updateTable('people')
    .set({
      google_subject: identity.sub,
      google_email: addressOf(identity),
      google_disconnected_at: null,
      updated_at: new Date(),
    })
    .where('id', '=', person.id)
    .execute()
    .catch((error: unknown) => {
      throw isSubjectTwice(error) ? new GoogleRefusal('taken') : error;
    });
  await recordLink(trx, person.id, { reclaimed: false }, origin);
  await tellOfChange(trx, person, 'google_linked');
}

/** Takes Google away from an account, unless nothing else would let its owner in. */
export async function disconnectGoogle(
  trx: Trx,
  person: Holder,
  origin: Origin,
): Promise<'disconnected' | 'last_way_in'> {
  const ways = await lockWaysIn(trx, person.id);
  if (!ways.google) return 'disconnected';
  if (!remainsWithout(ways, 'google')) return 'last_way_in';
  await trx
    .updateTable('people')
    .set({
      google_subject: null,
      google_email: null,
      google_disconnected_at: new Date(),
      updated_at: new Date(),
    })
    .where('id', '=', person.id)
    .execute();
  await recordChange(trx, person, 'google_unlinked', origin);
  return 'disconnected';
}
