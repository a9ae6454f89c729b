import { z } from 'zod';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { emailField, normalizeEmail } from './fields.ts';
import { type SignedInPerson, endSessionsOf } from './people.ts';
import { keepASuperAdmin } from './staff.ts';

/** What goes with an account beyond the account itself, as far as people know nothing of it. */
export interface Closing {
  /** The workspaces that end with the account, and what can still be spent there. */
  endingWith(personId: string): Promise<EndingWorkspace[]>;
  /**
   * Ends what is theirs alone and takes them out of the rest, in the transaction of the deletion.
   * Throws an AppError for what has to be done first.
   */
  close(trx: Trx, personId: string, origin: Origin): Promise<void>;
}

export interface EndingWorkspace {
  name: string;
  available_micro: bigint;
}

export const deletionForm = z.object({
  email: emailField,
  consent: z.literal('yes', 'Tick this: nothing is deleted without it.'),
});

/**
 * Deletes an account. The row stays, so that the ledger and the invoices add up and say "a person
 * who is deleted"; all that was personal goes.
 * @throws AppError 422 `other_address`, 422 `last_super_admin`, and what `close` throws
 */
export async function deletePerson(
  trx: Trx,
  person: SignedInPerson,
  form: z.output<typeof deletionForm>,
  { closing, origin }: { closing: Closing; origin: Origin },
): Promise<void> {
  if (normalizeEmail(form.email) !== normalizeEmail(person.email)) {
    throw new AppError(422, 'other_address', 'This is not the address of the account.');
  }
  const { id } = person;
  await keepASuperAdmin(trx, id);
  await trx.selectFrom('people').select('id').where('id', '=', id).forUpdate().execute();
  await closing.close(trx, id, origin);
  for (const table of [
    'mailed_links',
    'totp_secrets',
    'backup_codes',
    'passkeys',
    'person_pictures',
  ] as const) {
    await trx.deleteFrom(table).where('person_id', '=', id).execute();
  }
  const nowhere = `${id}@deleted.invalid`;
  await trx
    .updateTable('people')
    .set({
      ...{ email: nowhere, email_normalized: nowhere, email_verified_at: null },
      ...{ name: 'Deleted person', time_zone: 'UTC', locale: 'en' },
      ...{ password_hash: null, google_subject: null, google_email: null },
      ...{ staff_role: null, picture_id: null },
      ...{ deactivated_at: new Date(), deleted_at: new Date(), updated_at: new Date() },
    })
    .where('id', '=', id)
    .execute();
  await endSessionsOf(trx, id);
  await audit(trx, {
    actor: { kind: 'person', id },
    action: 'person.deleted',
    subject: { kind: 'person', id },
    origin,
  });
}

/** The people who are deleted and to whom there are mails still. */
export async function deletedWithMails(staff: Db): Promise<string[]> {
  const found = await staff
    .selectFrom('people as p')
    .select('p.id')
    .where('p.deleted_at', 'is not', null)
    .where((where) =>
      where.exists(
        where.selectFrom('mails as m').select('m.id').whereRef('m.person_id', '=', 'p.id'),
      ),
    )
    .execute();
  return found.map(({ id }) => id);
}
