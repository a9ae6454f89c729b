import type { Request, Response } from 'express';
import { localPath } from '../lib/guards.ts';
import { asPromise } from '../lib/sessions.ts';
import type { PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';
import { hasTotp } from './security/totp.ts';
import { type Proof, openSession } from './sign-in-session.ts';

declare module 'express-session' {
  interface SessionData {
    /** Who has shown one of two things, and what comes when the other is shown. */
    half_way?: { person_id: string; proof: Proof; next: string; until: number };
  }
}

const HALF_WAY_MS = 10 * 60 * 1000;

/**
 * Signs somebody in who has shown a password or a Google account; or, if a second step is asked of
 * them, remembers that until they have taken it.
 */
export async function signInOrAsk(
  options: PeopleOptions,
  req: Request,
  res: Response,
  person: SignedInPerson,
  proof: Proof,
  next: unknown,
): Promise<'signed_in' | 'second_step' | 'refused'> {
  if (!(await hasTotp(options.connections.app, person.id)))
    return (await openSession(options, req, res, person, proof)) ? 'signed_in' : 'refused';
  // Whoever is signed in stays so, on the way to showing again that it is them.
  if (req.user === undefined) await asPromise((done) => req.session.regenerate(done));
  const until = Date.now() + HALF_WAY_MS;
  req.session.half_way = { person_id: person.id, proof, next: localPath(next), until };
  return 'second_step';
}
