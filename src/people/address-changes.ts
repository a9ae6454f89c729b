import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';
import { dropLinks, dropLinksSince, makeLink, takeLink } from './mailed-links.ts';
import { mailPasswordLink } from './password-reset.ts';
import { endSessionsOf } from './people.ts';
import { tellOfChange } from './security-mails.ts';
import { refuseKeptAddress, refuseTakenAddress } from './taken-addresses.ts';

/**
 * Both addresses are told that an account went from one to the other, the old one with a link that
 * takes it back. An address that nobody verified may be that of a stranger: it is told nothing.
 */
export async function tellBothAddresses(
  trx: Trx,
  person: { id: string; name: string; email: string; email_verified_at: Date | null },
  new_address: string,
): Promise<void> {
  const { id: person_id, name, email: old_address } = person;
  await dropLinks(trx, person_id, ['address', 'password']);
  await tellOfChange(trx, { id: person_id, email: new_address }, 'address');
  if (person.email_verified_at === null) return;
  const token = await makeLink(trx, { person_id, purpose: 'undo', address: old_address });
  await sendMail(trx, {
    ...renderMail('address.changed', { name, old_address, new_address, path: `/undo/${token}` }),
    key: `address.changed ${newId()}`,
    to_address: old_address,
    person_id,
    is_secret: true,
  });
}

/**
 * Gives an account back to the address that it left. Whoever changed it may still be inside: sessions,
 * the password, the Google account, links and what was set up since then as a second step go, and a
 * link to choose a password is mailed. Links that undo earlier changes stay. False when the link is
 * not good. Throws 422 `address_taken`.
 */
export async function undoAddressChange(
  trx: Trx,
  { token, origin }: { token: unknown; origin: Origin },
): Promise<boolean> {
  const taken = await takeLink(trx, 'undo', token);
  if (taken === undefined) return false;
  const { person, link } = taken;
  await trx
    .updateTable('people')
    .set({
      email: link.address,
      email_normalized: link.address_normalized,
      email_verified_at: new Date(),
      password_hash: null,
      google_subject: null,
      google_email: null,
      updated_at: new Date(),
    })
    .where('id', '=', person.id)
    .execute()
    .catch(refuseTakenAddress);
  await refuseKeptAddress(trx, { id: person.id, email_normalized: link.address_normalized });
  await endSessionsOf(trx, person.id);
  await dropLinksSince(trx, person.id, link.created_at);
  await dropSecondStepsSince(trx, person.id, link.created_at);
  await audit(trx, {
    actor: { kind: 'person', id: person.id },
    action: 'person.address_change_undone',
    subject: { kind: 'person', id: person.id },
    origin,
  });
  await mailPasswordLink(trx, link.address, origin);
  return true;
}

/** Backup codes go in any case: whoever was inside may have read them. */
async function dropSecondStepsSince(trx: Trx, personId: string, since: Date): Promise<void> {
  await trx.deleteFrom('backup_codes').where('person_id', '=', personId).execute();
  for (const table of ['totp_secrets', 'passkeys'] as const) {
    await trx
      .deleteFrom(table)
      .where('person_id', '=', personId)
      .where('created_at', '>=', since)
      .execute();
  }
}
