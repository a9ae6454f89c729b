import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { audit } from '../lib/audit.ts';
import type { Db } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { clientOf, originOf } from '../lib/guards.ts';
import { type RateLimit, rateLimit } from '../lib/rate-limits.ts';
import { normalizeEmail } from './fields.ts';
import type { PeopleOptions } from './options.ts';
import { passwords as processPasswords, type Passwords } from './passwords.ts';
import { SIGNED_IN_COLUMNS, type SignedInPerson, signedInPerson } from './people.ts';
import { type Proof, markOf } from './sign-in-session.ts';
import { signInOrAsk } from './sign-in-steps.ts';

const WINDOW_SECONDS = 15 * 60;

interface Credentials {
  person: SignedInPerson;
  hash: string | null;
  deactivated: boolean;
}

/** What was found out about an attempt, and is told to nobody but the audit. */
type Outcome = 'unknown_address' | 'deactivated' | 'no_password' | 'wrong_password';

/** Somebody whose password fits, and what shows it when the session stands. */
export interface Checked {
  person: SignedInPerson;
  proof: Proof;
  /** Gives the tries back that were counted. */
  giveBack: () => Promise<void>;
}

/**
 * Looks whether e-mail and password fit together. The function that is returned throws 422
 * `wrong_credentials` alike, after the same queries and the same hashing, whether the address is
 * unknown, has no password, is deactivated, or the password is wrong; 429 `too_many_requests`; 503
 * `busy`.
 */
export function passwordCheck(options: PeopleOptions) {
  const { connections, passwords = processPasswords } = options;
  const limits = {
    perClient: limit(options, 'sign-in-client', 100),
    perAccount: limit(options, 'sign-in-account', 10),
  };
  return async (req: Request, given: { email: string; password: string }): Promise<Checked> => {
    const email = normalizeEmail(given.email);
    await limits.perClient.take(clientOf(req));
    await limits.perAccount.take(email);
    const giveBack = async (): Promise<void> => {
      await Promise.all([
        limits.perClient.giveBack(clientOf(req)),
        limits.perAccount.giveBack(email),
      ]);
    };
    const found = await credentialsOf(connections.app, email);
    const fits = await verify(passwords, found?.hash ?? null, given.password, giveBack);
    if (!fits || found === undefined || found.hash === null || found.deactivated) {
      await recordFailure(connections.app, req, email, found);
      throw wrongCredentials();
    }
    const renewed = passwords.isOutdated(found.hash)
      ? await passwords.hash(given.password)
      : undefined;
    const mark = markOf(found.hash);
    const proof = { kind: 'password', mark, renewed_hash: renewed } as const;
    return { person: found.person, proof, giveBack };
  };
}

/**
 * Signs in by e-mail and password, or asks for the second step. Throws as `passwordCheck` does.
 */
export function passwordSignIn(options: PeopleOptions) {
  const check = passwordCheck(options);
  return async (
    req: Request,
    res: Response,
    given: { email: string; password: string; next?: unknown },
  ): Promise<SignedInPerson | 'second_step'> => {
    const { person, proof, giveBack } = await check(req, given);
    const outcome = await signInOrAsk(options, req, res, person, proof, given.next);
    if (outcome === 'refused') throw wrongCredentials();
    await giveBack();
    return outcome === 'second_step' ? outcome : person;
  };
}

function limit(options: PeopleOptions, name: string, points: number): RateLimit {
  const pool = options.connections.plain;
  return rateLimit({ pool, name, points, window_seconds: WINDOW_SECONDS });
}

async function credentialsOf(db: Db, emailNormalized: string): Promise<Credentials | undefined> {
  const row = await db
    .selectFrom('people')
    .select(SIGNED_IN_COLUMNS)
    .select(['password_hash', 'deactivated_at'])
    .where('email_normalized', '=', emailNormalized)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { password_hash: hash, deactivated_at } = row;
  return { person: signedInPerson(row), hash, deactivated: deactivated_at !== null };
}

/** An attempt that found no room to be hashed says nothing about the password: it does not count. */
async function verify(
  passwords: Passwords,
  hash: string | null,
  password: string,
  giveBack: () => Promise<void>,
): Promise<boolean> {
  try {
    return await passwords.verify(hash, password);
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** One row for known and unknown addresses alike, so that neither takes longer. */
async function recordFailure(
  db: Db,
  req: Request,
  email: string,
  found: Credentials | undefined,
): Promise<void> {
  const subject =
    found === undefined
      ? { kind: 'address', id: createHash('sha256').update(email).digest('base64url') }
      : { kind: 'person', id: found.person.id };
  await db.transaction().execute((trx) =>
    audit(trx, {
      actor: { kind: 'system' },
      action: 'person.sign_in_failed',
      subject,
      reason: outcomeOf(found),
      origin: originOf(req),
    }),
  );
}

function outcomeOf(found: Credentials | undefined): Outcome {
  if (found === undefined) return 'unknown_address';
  if (found.deactivated) return 'deactivated';
  return found.hash === null ? 'no_password' : 'wrong_password';
}

function wrongCredentials(): AppError {
  return new AppError(422, 'wrong_credentials', 'E-mail and password do not fit together.');
}
