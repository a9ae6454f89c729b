import { sql } from 'kysely';
import type { Db, Trx } from './database.ts';
import { newId } from './ids.ts';
import type { RenderedMail } from './mail-rendering.ts';

/** A mail as a feature gives it up: what is said (`renderMail`), to whom, and why. */
export interface Mail extends RenderedMail {
  /** The reason with its ids, as `payment.completed 0190…`: one mail for each, for ever. */
  key: string;
  to_address: string;
  /** Whose it is: the transaction has to be in this workspace. */
  workspace_id?: string;
  person_id?: string | undefined;
  /** Whether the text lets its reader in: then it is forgotten as soon as the mail is over. */
  is_secret?: boolean;
  /** Where whoever has it ends mails of its kind by one POST; none for what has to be told. */
  unsubscribe_path?: string | undefined;
}

/** What a header takes without being encoded or read as something else: one address and no more. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{C}]+@[^\s@<>()[\]\\,;:"\p{C}]+$/u;
const ADDRESS_MAX = 320;

/**
 * Writes a mail in the caller's transaction: it goes out when that is committed, once, however often
 * its reason is given. An address that cannot be written to stops nobody; the mail is kept, and says so.
 */
export async function sendMail(trx: Trx, mail: Mail): Promise<void> {
  const isAddress = ADDRESS.test(mail.to_address) && mail.to_address.length <= ADDRESS_MAX;
  await trx
    .insertInto('mails')
    .values({
      id: newId(),
      key: mail.key,
      workspace_id: mail.workspace_id ?? null,
      person_id: mail.person_id ?? null,
      kind: mail.kind,
      to_address: oneLine(mail.to_address),
      subject: oneLine(mail.subject),
      text: mail.text,
      is_secret: mail.is_secret ?? false,
      unsubscribe_path: mail.unsubscribe_path ?? null,
      ...(isAddress
        ? {}
        : {
            state: 'given_up',
            next_try_at: null,
            error: 'The address cannot be written to.',
            ...(mail.is_secret === true ? { text: null } : {}),
          }),
    })
    // Without a target: the app may write mails without a workspace, and not look for them.
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What became of a mail. */
export interface StoredMail {
  id: string;
  kind: string;
  to_address: string;
  subject: string;
  /** Null: it was forgotten. */
  text: string | null;
  /** Failed ones are tried again, those given up are not. */
  state: 'waiting' | 'failed' | 'sent' | 'given_up';
  error: string | null;
  unsubscribe_path: string | null;
  created_at: Date;
}

const SHOWN = [
  'id',
  'kind',
  'to_address',
  'subject',
  'text',
  'state',
  'error',
  'unsubscribe_path',
  'created_at',
] as const;
const NEWEST_MAX = 100;

/** The newest mails first, among those that the connection may see. */
export async function newestMails(db: Db): Promise<StoredMail[]> {
  return db.selectFrom('mails').select(SHOWN).orderBy('id', 'desc').limit(NEWEST_MAX).execute();
}

export async function findMail(db: Db, id: string): Promise<StoredMail | undefined> {
  return db.selectFrom('mails').select(SHOWN).where('id', '=', id).executeTakeFirst();
}

/** Forgets what older mails said. That they were sent, and why, stays known. */
export async function forgetMails(db: Db, before: Date): Promise<void> {
  await db
    .updateTable('mails')
    .set({
      text: null,
      next_try_at: null,
      state: sql`case when state = 'sent' then state else 'given_up' end`,
    })
    .where('created_at', '<', before)
    .where('text', 'is not', null)
    .execute();
}

/** Forgets what was sent to people and where; what still waits for them is not sent. */
export async function forgetMailsTo(db: Db, personIds: readonly string[]): Promise<void> {
  if (personIds.length === 0) return;
  await db
    .updateTable('mails')
    .set({
      ...{ to_address: '', subject: '', text: null, person_id: null, next_try_at: null },
      state: sql`case when state = 'sent' then state else 'given_up' end`,
    })
    .where('person_id', 'in', personIds)
    .execute();
}

/** Text without what could end a line, and a header with it. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}
