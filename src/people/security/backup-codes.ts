import { randomBytes } from 'node:crypto';
import type { Db, Trx } from '../../lib/database.ts';
import type { Passwords } from '../passwords.ts';

/** Without letters that are taken for others. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const CODES = 10;
/** Of five bits each. */
const LETTERS = 10;

/** Codes for when the phone is not there: as they are shown, once, and what is kept of them. */
export interface BackupCodes {
  codes: string[];
  hashes: string[];
}

/** Ten codes, each of which says by its first digit which hash it is to be compared with. */
export async function newBackupCodes(passwords: Passwords): Promise<BackupCodes> {
  const codes = Array.from({ length: CODES }, (_none, number) => {
    const letters = [...randomBytes(LETTERS)].map((byte) => ALPHABET[byte % 32] ?? '').join('');
    return `${number}-${letters.slice(0, 5)}-${letters.slice(5)}`;
  });
  const hashes = await Promise.all(codes.map((code) => passwords.hash(plain(code))));
  return { codes, hashes };
}

/** Keeps codes in place of those before. */
export async function keepBackupCodes(
  trx: Trx,
  personId: string,
  { hashes }: BackupCodes,
): Promise<void> {
  await trx.deleteFrom('backup_codes').where('person_id', '=', personId).execute();
  await trx
    .insertInto('backup_codes')
    .values(hashes.map((code_hash, number) => ({ person_id: personId, number, code_hash })))
    .execute();
}

export async function backupCodesLeft(db: Db, personId: string): Promise<number> {
  const rows = await db
    .selectFrom('backup_codes')
    .select('number')
    .where('person_id', '=', personId)
    .execute();
  return rows.length;
}

/** Whether a text has the form of a backup code, however it was typed. */
export function isBackupCode(text: string): boolean {
  return /^\d[0-9a-z]{10}$/.test(plain(text));
}

/**
 * The hash that a code fits, to be taken with `takeBackupCode`; undefined when it fits none. Hashed
 * outside of transactions, as passwords are.
 */
export async function fittingBackupCode(
  db: Db,
  passwords: Passwords,
  personId: string,
  text: string,
): Promise<string | undefined> {
  const code = plain(text);
  const row = await db
    .selectFrom('backup_codes')
    .select('code_hash')
    .where('person_id', '=', personId)
    .where('number', '=', Number(code[0]))
    .executeTakeFirst();
  const fits = await passwords.verify(row?.code_hash ?? null, code);
  return fits ? row?.code_hash : undefined;
}

/** Uses a code up. False when it was used at the same instant. */
export async function takeBackupCode(trx: Trx, personId: string, hash: string): Promise<boolean> {
  const taken = await trx
    .deleteFrom('backup_codes')
    .where('person_id', '=', personId)
    .where('code_hash', '=', hash)
    .executeTakeFirst();
  return taken.numDeletedRows === 1n;
}

function plain(code: string): string {
  return code.normalize('NFKC').toLowerCase().replace(/[\s-]/g, '');
}
