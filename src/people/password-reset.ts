import { createHash } from 'node:crypto';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';
import { normalizeEmail } from './fields.ts';
import { makeLink, takeLink } from './mailed-links.ts';
import { setPassword } from './password-change.ts';
import type { PeopleOptions } from './options.ts';
import { reclaim } from './reclaim.ts';

/**
 * Mails a link to choose a new password, if the address is that of an account. Whoever asked must not
 * learn which: they have their answer before this is called.
 */
export async function mailPasswordLink(trx: Trx, email: string, origin: Origin): Promise<void> {
  const normalized = normalizeEmail(email);
  const person = await trx
    .selectFrom('people')
    .select(['id', 'email', 'name'])
    .where('email_normalized', '=', normalized)
    .where('deactivated_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  await audit(trx, {
    actor: { kind: 'system' },
    action: 'person.password_link_asked',
    subject:
      person === undefined
        ? { kind: 'address', id: createHash('sha256').update(normalized).digest('base64url') }
        : { kind: 'person', id: person.id },
    origin,
  });
  if (person === undefined) return;
  const { email: address } = person;
  const token = await makeLink(trx, { person_id: person.id, purpose: 'password', address });
  await sendMail(trx, {
    ...renderMail('password.reset', { name: person.name, address, path: `/reset/${token}` }),
    key: `password.reset ${newId()}`,
    to_address: address,
    person_id: person.id,
    is_secret: true,
  });
}

/**
 * Sets a new password by a link, once. All sessions end, and nobody is signed in: a second step that
 * is asked at sign-in is asked after this too. An account of which nobody had shown that they own its
 * address is taken over by who does. False when the link is not good.
 */
export async function resetPassword(
  trx: Trx,
  options: Pick<PeopleOptions, 'onPersonReclaimed' | 'onAddressVerified'>,
  { token, hash, origin }: { token: unknown; hash: string; origin: Origin },
): Promise<boolean> {
  const taken = await takeLink(trx, 'password', token);
  if (taken === undefined) return false;
  const { person, link } = taken;
  // It says that they read mail at the address that it was sent to, and not at another one.
  if (link.address_normalized !== person.email_normalized) return false;
  if (person.email_verified_at === null) await reclaim(trx, person.id, options);
  await trx
    .updateTable('people')
    .set({ email_verified_at: person.email_verified_at ?? new Date() })
    .where('id', '=', person.id)
    .execute();
  await setPassword(trx, person, hash, origin);
  if (person.email_verified_at === null) await options.onAddressVerified?.(trx, person);
  return true;
}
