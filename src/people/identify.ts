import type { Request, RequestHandler } from 'express';
import type { SessionData } from 'express-session';
import passport, { type AuthenticateOptions, type Strategy } from 'passport';
import type pg from 'pg';
import type { FindSession } from '../lib/sessions.ts';
import { SIGNED_IN_COLUMNS, type SignedInPerson, signedInPerson } from './people.ts';

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in, if they are active. A function, because functions are not stored. */
    person?: () => SignedInPerson | undefined;
  }
}

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

const FIND_SESSION = {
  name: 'find_session',
  text: `
    select s.sess, s.expire, ${SIGNED_IN_COLUMNS.map((column) => `p.${column}`).join(', ')}
    from sessions s left join people p on p.id = s.person_id and p.deactivated_at is null
    where s.sid = $1 and s.expire > now()`,
};

type FoundSession = { sess: SessionData; expire: Date } & (
  Parameters<typeof signedInPerson>[0] | { id: null }
);

/**
 * Reads a session with its person.
 * @param pool `connections.plain`
 */
export function findSession(pool: pg.Pool): FindSession {
  return async (sid) => {
    const { rows } = await pool.query<FoundSession>({ ...FIND_SESSION, values: [sid] });
    const [row] = rows;
    if (row === undefined) return undefined;
    const person = row.id === null ? undefined : signedInPerson(row);
    return { ...row.sess, stored_until: () => row.expire, person: () => person };
  };
}

/**
 * Finds out who is signed in: sets `req.user` from the session, which was read with its person. People
 * who have been deactivated are signed out by their next request. Mount it behind `sessions`.
 */
export function identifyPerson(): RequestHandler {
  return createPassport().session();
}

/** A Passport of our own. It takes callbacks only: one that returns a promise hangs the request. */
export function createPassport(): Passport {
  const own = new passport.Authenticator();
  own.serializeUser((person: SignedInPerson, done) => {
    done(null, person.id);
  });
  own.deserializeUser((req: Request, id: string, done: Deserialized) => {
    const { person } = req.session;
    if (person === undefined) done(new Error('a session is read with its person'));
    else done(null, person()?.id === id ? person() : false);
  });
  return own;
}

type Deserialized = (error: unknown, person?: SignedInPerson | false) => void;
