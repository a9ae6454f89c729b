import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Db, Trx } from '../lib/database.ts';
import { normalizeEmail } from './fields.ts';

/**
 * What a link that was mailed lets its reader do: say that the address is theirs, choose a new
 * password, or take back that the account left this address.
 */
export type LinkPurpose = 'address' | 'password' | 'undo';

const HOUR_SECONDS = 3_600;
const GOOD_FOR_SECONDS: Record<LinkPurpose, number> = {
  address: 72 * HOUR_SECONDS,
  password: HOUR_SECONDS / 2,
  undo: 7 * 24 * HOUR_SECONDS,
};
const TOKEN_BYTES = 32;
/** Of so many bytes in base64url, and of nothing else. */
const Token = z.string().regex(/^[\w-]{43}$/);

const COLUMNS = ['person_id', 'address', 'address_normalized', 'created_at'] as const;

/**
 * Makes a link for a person, to be sent to this address. It takes the place of the one before of its
 * purpose; only those that undo stand beside each other.
 * @returns the token, of which only a hash is kept
 */
export async function makeLink(
  trx: Trx,
  link: { person_id: string; purpose: LinkPurpose; address: string },
): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  if (link.purpose !== 'undo') {
    await trx
      .deleteFrom('mailed_links')
      .where('person_id', '=', link.person_id)
      .where('purpose', '=', link.purpose)
      .execute();
  }
  await trx
    .deleteFrom('mailed_links')
    .where('person_id', '=', link.person_id)
    .where('expires_at', '<', new Date())
    .execute();
  await trx
    .insertInto('mailed_links')
    .values({
      ...link,
      token_hash: hashOf(token),
      address_normalized: normalizeEmail(link.address),
      expires_at: new Date(Date.now() + GOOD_FOR_SECONDS[link.purpose] * 1_000),
    })
    .execute();
  return token;
}

/** What a link is for, if it is still good. Looking does not use it up. */
export async function findLink(db: Db, purpose: LinkPurpose, token: unknown) {
  const read = Token.safeParse(token);
  if (!read.success) return undefined;
  return db
    .selectFrom('mailed_links')
    .select(COLUMNS)
    .where('token_hash', '=', hashOf(read.data))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', new Date())
    .executeTakeFirst();
}

/**
 * Uses a link up, once: the person is locked first, as by everything else that changes how somebody
 * gets in. Undefined when it is not good, not of the person that is named, or the person is
 * deactivated.
 */
export async function takeLink(trx: Trx, purpose: LinkPurpose, token: unknown, person_id?: string) {
  const found = await findLink(trx, purpose, token);
  if (found === undefined || found.person_id !== (person_id ?? found.person_id)) return undefined;
  const person = await trx
    .selectFrom('people')
    .select(['id', 'email', 'name', 'email_normalized', 'email_verified_at', 'staff_role'])
    .where('id', '=', found.person_id)
    .where('deactivated_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const taken = await trx
    .deleteFrom('mailed_links')
    .where('token_hash', '=', hashOf(String(token)))
    .where('expires_at', '>', new Date())
    .returning(COLUMNS)
    .executeTakeFirst();
  return person && taken && { person, link: taken };
}

/** Ends the links of a person that were sent for these purposes. */
export async function dropLinks(
  trx: Trx,
  personId: string,
  purposes: readonly LinkPurpose[],
): Promise<void> {
  await trx
    .deleteFrom('mailed_links')
    .where('person_id', '=', personId)
    .where('purpose', 'in', purposes)
    .execute();
}

/** Ends the links of a person that were made at a moment or later. */
export async function dropLinksSince(trx: Trx, personId: string, since: Date): Promise<void> {
  await trx
    .deleteFrom('mailed_links')
    .where('person_id', '=', personId)
    .where('created_at', '>=', since)
    .execute();
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
