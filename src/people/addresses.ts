import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';
import { tellBothAddresses } from './address-changes.ts';
import { normalizeEmail } from './fields.ts';
import type { PeopleOptions } from './options.ts';
import { makeLink, takeLink } from './mailed-links.ts';
import { giveListedRole } from './staff.ts';
import { refuseKeptAddress, refuseTakenAddress } from './taken-addresses.ts';

/**
 * Mails a link by which a person says that an address is theirs: the one of the account, or another
 * one that it shall have. Links that were sent before are no longer good.
 */
export async function mailAddressLink(
  trx: Trx,
  person: { id: string; email: string; name: string },
  address: string,
): Promise<void> {
  const token = await makeLink(trx, { person_id: person.id, purpose: 'address', address });
  const isNew = normalizeEmail(address) !== normalizeEmail(person.email);
  const said = { name: person.name, address, is_new: isNew, path: `/verify/${token}` };
  await sendMail(trx, {
    ...renderMail('address.verify', said),
    key: `address.verify ${newId()}`,
    to_address: address,
    person_id: person.id,
    is_secret: true,
  });
}

export interface ConfirmAddressOptions {
  token: unknown;
  /** Who is signed in: a link that somebody else asked for confirms nothing. */
  person_id: string;
  adminEmails: readonly string[];
  onStaffRole?: PeopleOptions['onStaffRole'];
  onAddressVerified?: PeopleOptions['onAddressVerified'];
  origin: Origin;
}

/**
 * Takes the address that a link was sent to as the person's own: verifies it, and makes it that of
 * the account if it was another. False when the link is not good for this person. Throws 422
 * `address_taken`.
 */
export async function confirmAddress(trx: Trx, options: ConfirmAddressOptions): Promise<boolean> {
  const { person_id, origin } = options;
  const taken = await takeLink(trx, 'address', options.token, person_id);
  if (taken === undefined) return false;
  const { person, link } = taken;
  const isNew = link.address_normalized !== person.email_normalized;
  await trx
    .updateTable('people')
    .set({
      email: link.address,
      email_normalized: link.address_normalized,
      email_verified_at: new Date(),
      updated_at: new Date(),
    })
    .where('id', '=', person.id)
    .execute()
    .catch(refuseTakenAddress);
  await refuseKeptAddress(trx, { id: person.id, email_normalized: link.address_normalized });
  if (isNew) await tellBothAddresses(trx, person, link.address);
  await audit(trx, {
    actor: { kind: 'person', id: person.id },
    action: isNew ? 'person.address_changed' : 'person.address_verified',
    subject: { kind: 'person', id: person.id },
    origin,
  });
  await options.onAddressVerified?.(trx, { id: person.id, email: link.address });
  await giveListedRole(trx, { ...person, ...link }, options, origin);
  return true;
}
