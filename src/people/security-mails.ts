import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';

/** What somebody is told of that changed how they get in. */
const CHANGES = {
  password: {
    subject: 'Your password was changed',
    sentence: 'The password of your account was set anew, and every device was signed out.',
  },
  address: {
    subject: 'Your account has this address now',
    sentence: 'You sign in with it from now on, and mails about your credits come here.',
  },
  second_step_on: {
    subject: 'Your account asks for a second step now',
    sentence: 'Each sign-in asks for a code of the app that you set up.',
  },
  second_step_off: {
    subject: 'Your account asks for no second step any more',
    sentence: 'The password alone, or Google, signs in to it now.',
  },
  backup_codes_made: {
    subject: 'New backup codes were made',
    sentence: 'Those that you had before are no longer good.',
  },
  backup_code_used: {
    subject: 'A backup code was used',
    sentence: 'Somebody signed in to your account with one of your backup codes.',
  },
  passkey_added: {
    subject: 'A passkey was added to your account',
    sentence: 'Whoever has it can sign in to your account.',
  },
  passkey_removed: {
    subject: 'A passkey was removed from your account',
    sentence: 'It signs nobody in any more.',
  },
  google_linked: {
    subject: 'Google was connected to your account',
    sentence:
      'Whoever has that Google account can sign in. The page Security of your account names it, and disconnects it.',
  },
  google_unlinked: {
    subject: 'Google was disconnected from your account',
    sentence: 'The Google account signs nobody in to it any more.',
  },
} as const;
export type Change = keyof typeof CHANGES;

/** Mails that something changed, so that whoever did not do it can act. */
export async function tellOfChange(
  trx: Trx,
  person: { id: string; email: string },
  change: Change,
): Promise<void> {
  const said = { ...CHANGES[change], path: '/forgot' };
  await sendMail(trx, {
    ...renderMail('security.changed', said),
    key: `security.changed ${newId()}`,
    to_address: person.email,
    person_id: person.id,
  });
}

/** Writes a change of one's own down in the audit trail, and tells its owner of it. */
export async function recordChange(
  trx: Trx,
  person: { id: string; email: string },
  change: Change,
  origin: Origin,
): Promise<void> {
  await audit(trx, {
    actor: { kind: 'person', id: person.id },
    action: `person.${change}`,
    subject: { kind: 'person', id: person.id },
    origin,
  });
  await tellOfChange(trx, person, change);
}
