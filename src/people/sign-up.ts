import type { Request, Response } from 'express';
import { AppError } from '../lib/errors.ts';
import { clientOf, originOf } from '../lib/guards.ts';
import { rateLimit } from '../lib/rate-limits.ts';
import type { PeopleOptions } from './options.ts';
import { mailAddressLink } from './addresses.ts';
import { passwords as processPasswords } from './passwords.ts';
import { type SignedInPerson, createPerson } from './people.ts';
import { markOf, openSession } from './sign-in-session.ts';

const WINDOW_SECONDS = 60 * 60;

/**
 * Makes an account with a password, and signs it in. Everything that belongs to a person is made in
 * one transaction or not at all. The function that is returned throws 422 `address_taken`, after
 * the same work as for a new address; 429 `too_many_requests`; 503 `busy`.
 */
export function passwordSignUp(options: PeopleOptions) {
  const { connections, passwords = processPasswords } = options;
  const perClient = rateLimit({
    pool: connections.plain,
    name: 'sign-up-client',
    points: 30,
    window_seconds: WINDOW_SECONDS,
  });
  return async (
    req: Request,
    res: Response,
    given: { name: string; email: string; password: string; time_zone?: string | undefined },
  ): Promise<SignedInPerson> => {
    await perClient.take(clientOf(req));
    const hash = await passwords.hash(given.password);
    const person = await connections.app.transaction().execute(async (trx) => {
      const created = await createPerson(
        trx,
        {
          email: given.email,
          name: given.name,
          password_hash: hash,
          verified: false,
          time_zone: given.time_zone,
          referred_by: req.session.referred_by,
          origin: originOf(req),
        },
        options.onPersonCreated,
      );
      await mailAddressLink(trx, created, created.email);
      return created;
    });
    if (!(await openSession(options, req, res, person, { kind: 'password', mark: markOf(hash) })))
      throw new AppError(422, 'wrong_credentials', 'The account was made. Sign in to use it.');
    return person;
  };
}
