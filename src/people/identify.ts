import type { RequestHandler } from 'express';
import passport, { type AuthenticateOptions, type Strategy } from 'passport';
import type { Db } from '../lib/database.ts';
import { type SignedInPerson, activePerson } from './people.ts';

/** What we use of Passport, whose own types say nothing of its middleware. */
export interface Passport {
  use(name: string, strategy: Strategy): unknown;
  session(): RequestHandler;
  authenticate(
    name: string,
    options: AuthenticateOptions,
    callback?: (error: unknown, person?: unknown, info?: unknown) => void,
  ): RequestHandler;
}

/**
 * Finds out who is signed in: sets `req.user` from the session, by one query. People who have been
 * deactivated are signed out by their next request. Mount it behind `sessions`.
 */
export function identifyPerson(db: Db): RequestHandler {
  return createPassport(db).session();
}

/** A Passport of our own. It takes callbacks only: one that returns a promise hangs the request. */
export function createPassport(db: Db): Passport {
  const own = new passport.Authenticator();
  own.serializeUser((person: SignedInPerson, done) => {
    done(null, person.id);
  });
  own.deserializeUser((id: string, done) => {
    activePerson(db, id).then((person) => {
      done(null, person ?? false);
    }, done);
  });
  return own;
}
