import type { Request, Response } from 'express';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { dropLinks } from './mailed-links.ts';
import type { PeopleOptions } from './options.ts';
import { passwords as processPasswords } from './passwords.ts';
import { endSessionsOf } from './people.ts';
import { personOf } from './person-of.ts';
import { tellOfChange } from './security-mails.ts';
import { passwordCheck } from './sign-in.ts';
import { markOf, openSession } from './sign-in-session.ts';

/** Sets a password. All sessions of the person end, links that were mailed too; a mail tells. */
export async function setPassword(
  trx: Trx,
  person: { id: string; email: string },
  hash: string,
  origin: Origin,
): Promise<void> {
  await trx
    .updateTable('people')
    .set({ password_hash: hash, updated_at: new Date() })
    .where('id', '=', person.id)
    .execute();
  await endSessionsOf(trx, person.id);
  await dropLinks(trx, person.id, ['password']);
  await audit(trx, {
    actor: { kind: 'person', id: person.id },
    action: 'person.password_set',
    subject: { kind: 'person', id: person.id },
    origin,
  });
  await tellOfChange(trx, person, 'password');
}

/**
 * Changes the password of who is signed in, who says the present one; or sets the first one of
 * somebody who has none. Every session ends, and this browser gets a new one. The function that is
 * returned throws as `passwordCheck` does; 422 `wrong_credentials` also when there is a password and
 * it is not said.
 */
export function changePassword(options: PeopleOptions) {
  const { connections, passwords = processPasswords } = options;
  const check = passwordCheck(options);
  return async (
    req: Request,
    res: Response,
    { present, password }: { present: string | undefined; password: string },
  ): Promise<void> => {
    const person = personOf(req);
    const checked =
      present === undefined
        ? undefined
        : await check(req, { email: person.email, password: present });
    const hash = await passwords.hash(password);
    await connections.app.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom('people')
        .select('password_hash')
        .where('id', '=', person.id)
        .forNoKeyUpdate()
        .executeTakeFirstOrThrow();
      const proof = checked?.proof;
      const expected = proof?.kind === 'password' ? proof.mark : undefined;
      const mark = row.password_hash === null ? undefined : markOf(row.password_hash);
      if (mark !== expected)
        throw new AppError(422, 'wrong_credentials', 'The password was changed meanwhile.');
      await setPassword(trx, person, hash, originOf(req));
    });
    await openSession(options, req, res, person, { kind: 'password', mark: markOf(hash) });
    await checked?.giveBack();
  };
}
