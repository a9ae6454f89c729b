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
} as const;

/** Mails that something changed, so that whoever did not do it can act. */
export async function tellOfChange(
  trx: Trx,
  person: { id: string; email: string },
  change: keyof typeof CHANGES,
): Promise<void> {
  const said = { ...CHANGES[change], path: '/forgot' };
  await sendMail(trx, {
    ...renderMail('security.changed', said),
    key: `security.changed ${newId()}`,
    to_address: person.email,
    person_id: person.id,
  });
}
