import { AppError } from '../../lib/errors.ts';
import { rateLimit } from '../../lib/rate-limits.ts';
import type { PeopleOptions } from '../options.ts';
import { passwords as processPasswords } from '../passwords.ts';
import { tellOfChange } from '../security-mails.ts';
import { fittingBackupCode, isBackupCode, takeBackupCode } from './backup-codes.ts';
import { takeTotpCode, totpBox } from './totp.ts';

const LIMITS = [
  { name: 'code-quarter', points: 10, window_seconds: 15 * 60 },
  { name: 'code-day', points: 50, window_seconds: 24 * 60 * 60 },
];

/**
 * Takes the second step of a sign-in: a code of the app or a backup code, each once. The function
 * that is returned throws 422 `wrong_code`; 429 `too_many_requests`, counted before the code is looked
 * at, so that tries at once do not overrun it; 503 `busy`.
 */
export function secondStep(options: PeopleOptions) {
  const { connections, passwords = processPasswords } = options;
  const box = totpBox(options.encryptionKeys);
  const limits = LIMITS.map((limit) => rateLimit({ pool: connections.plain, ...limit }));
  const db = connections.app;

  async function takeBackup(person: { id: string; email: string }, text: string) {
    const hash = await fittingBackupCode(db, passwords, person.id, text);
    if (hash === undefined) return false;
    return db.transaction().execute(async (trx) => {
      if (!(await takeBackupCode(trx, person.id, hash))) return false;
      await tellOfChange(trx, person, 'backup_code_used');
      return true;
    });
  }

  return async (person: { id: string; email: string }, given: string): Promise<void> => {
    for (const limit of limits) await limit.take(person.id);
    const digits = given.replace(/[\s-]/g, '');
    const taken = /^\d{6}$/.test(digits)
      ? await db.transaction().execute((trx) => takeTotpCode(trx, box, person.id, digits))
      : isBackupCode(given) && (await takeBackup(person, given));
    if (!taken) throw new AppError(422, 'wrong_code', 'This code is not good, or no longer.');
    for (const limit of limits) await limit.giveBack(person.id);
  };
}
