import type { Router } from 'express';
import { AppError } from '../lib/errors.ts';
import { localPath } from '../lib/guards.ts';
import { redirect } from '../lib/rendering.ts';
import { endSession } from '../lib/sessions.ts';
import { GoogleRefusal } from './google-accounts.ts';
import type { Answers } from './answers.ts';
import { CALLBACK_PATH, googleSignIn } from './google-strategy.ts';
import type { GoogleFailure, GoogleOptions, PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';
import { CODE_PATH } from './security/code-sign-in-routes.ts';
import { signInOrAsk } from './sign-in-steps.ts';

declare module 'express-session' {
  interface SessionData {
    /** Where to go after Google has sent the browser back. */
    google_next?: string;
    /** Somebody who is signed in shows again that it is them. */
    google_again?: boolean;
  }
}

/** How long somebody may stay at Google's before the state that we gave along is too old. */
const STATE_MS = 10 * 60 * 1000;

/** Adds the routes of the sign-in with Google to the router of people. */
export function addGoogleRoutes(
  router: Router,
  options: PeopleOptions,
  google: GoogleOptions,
  answers: Answers,
): void {
  const { leave, comeBack } = googleSignIn(options, google);

  router.get('/auth/google', async (req, res, next) => {
    const wanted = localPath(req.query['next']);
    const again = req.query['again'] !== undefined;
    if (req.user !== undefined && !again) {
      await answers.goOn(req, res, req.user, wanted);
      return;
    }
    req.session.google_next = wanted;
    if (req.user === undefined) req.session.cookie.maxAge = STATE_MS;
    else req.session.google_again = true;
    await leave(req, res, next);
  });

  router.get(CALLBACK_PATH, async (req, res) => {
    const present = req.user;
    if (present !== undefined && req.session.google_again !== true) {
      redirect(req, res, await options.homeOf(present.id));
      return;
    }
    const wanted = localPath(req.session.google_next);
    const refuse = (failure: GoogleFailure): void => {
      options.onGoogleFailure?.(req, failure);
      answers.refuse(req, res, '/sign-in', wanted, REFUSALS[failure]);
    };
    let person: SignedInPerson;
    try {
      person = await comeBack(req, res);
      if (present !== undefined && present.id !== person.id)
        throw new GoogleRefusal('other_account');
    } catch (error) {
      await endSession(req, res);
      if (!(error instanceof GoogleRefusal)) throw error;
      refuse(error.failure);
      return;
    }
    const outcome = await signInOrAsk(options, req, res, person, { kind: 'google' }, wanted);
    if (outcome === 'signed_in') await answers.goOn(req, res, person, wanted);
    else if (outcome === 'second_step') redirect(req, res, CODE_PATH);
    else refuse('state');
  });
}

/** One sentence each, which tells nothing about an account to somebody who is not its owner. */
const REFUSALS: Record<GoogleFailure, AppError> = {
  denied: new AppError(403, 'google_denied', 'You did not let Google tell us who you are.'),
  state: new AppError(
    400,
    'google_state',
    'This sign-in with Google was not begun here, or took too long. Begin again.',
  ),
  exchange: new AppError(
    502,
    'google_exchange',
    'Google did not confirm who you are. Begin again, or sign in by e-mail.',
  ),
  unverified: new AppError(
    403,
    'google_unverified',
    'Google has not verified your e-mail address. Verify it there, then sign in again.',
  ),
  deactivated: new AppError(403, 'deactivated', 'This account has been deactivated.'),
  other_account: new AppError(
    403,
    'google_other_account',
    'The account with this e-mail address belongs to another Google account.',
  ),
};
