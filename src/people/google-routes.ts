import type { Request, Response, Router } from 'express';
import { localPath, originOf, signedIn } from '../lib/guards.ts';
import { redirect } from '../lib/rendering.ts';
import { endSession } from '../lib/sessions.ts';
import { type GoogleIdentity, GoogleRefusal, personOfGoogle } from './google-accounts.ts';
import type { Answers } from './answers.ts';
import { connectGoogle, personConnectedTo } from './google-connections.ts';
import { GOOGLE_REFUSALS } from './google-refusals.ts';
import { CALLBACK_PATH, googleSignIn } from './google-strategy.ts';
import type { GoogleFailure, GoogleOptions, PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';
import { CODE_PATH } from './security/code-sign-in-routes.ts';
import { recentlyAuthenticated } from './security/recent.ts';
import { signInOrAsk } from './sign-in-steps.ts';

declare module 'express-session' {
  interface SessionData {
    /** Where to go after Google has sent the browser back. */
    google_next?: string;
    /** What somebody who is signed in went there for: to show again that it is them, or to connect. */
    google_errand?: { kind: 'again' | 'connect'; until: number };
  }
}

/** How long somebody may stay at Google's before the state that we gave along is too old. */
const STATE_MS = 10 * 60 * 1000;
const PAGE = '/account/security';

/** Adds the ways to Google and back to the router of people. */
export function addGoogleRoutes(
  router: Router,
  options: PeopleOptions,
  google: GoogleOptions,
  answers: Answers,
): void {
  const { leave, leaveToChoose, comeBack } = googleSignIn(options, google);
  const come = { signIn: signInWith(options, answers), connect: connectWith(options) };

  router.get('/auth/google', async (req, res, next) => {
    const wanted = localPath(req.query['next']);
    const again = req.query['again'] !== undefined;
    if (req.user !== undefined && !again) {
      await answers.goOn(req, res, req.user, wanted);
      return;
    }
    req.session.google_next = wanted;
    if (req.user === undefined) req.session.cookie.maxAge = STATE_MS;
    else req.session.google_errand = { kind: 'again', until: Date.now() + STATE_MS };
    await leave(req, res, next);
  });

  // A POST: a page elsewhere that sent a browser here by a link could have it connect whatever
  // account it had signed the browser in to at Google's.
  router.post('/auth/google/connect', signedIn, recentlyAuthenticated, async (req, res, next) => {
    req.session.google_errand = { kind: 'connect', until: Date.now() + STATE_MS };
    await leaveToChoose(req, res, next);
  });

  router.get(CALLBACK_PATH, async (req, res) => {
    const errand = takeErrand(req);
    const present = req.user;
    if (present !== undefined && errand === undefined)
      redirect(req, res, await options.homeOf(present.id));
    else if (present !== undefined && errand === 'connect')
      await come.connect(req, res, present, () => comeBack(req, res));
    else await come.signIn(req, res, present, () => comeBack(req, res));
  });
}

/** What a signed-in person went to Google for, once and within the time. */
function takeErrand(req: Request): 'again' | 'connect' | undefined {
  const { google_errand: errand } = req.session;
  delete req.session.google_errand;
  return errand !== undefined && errand.until > Date.now() ? errand.kind : undefined;
}

type Identify = () => Promise<GoogleIdentity>;

/** Signs in whom Google vouches for; or, if somebody is signed in, the same person once more. */
function signInWith(options: PeopleOptions, answers: Answers) {
  return async (
    req: Request,
    res: Response,
    present: SignedInPerson | undefined,
    identify: Identify,
  ): Promise<void> => {
    const wanted = localPath(req.session.google_next);
    const refuse = async (failure: GoogleFailure): Promise<void> => {
      options.onGoogleFailure?.(req, failure);
      await answers.refuse(req, res, '/sign-in', wanted, GOOGLE_REFUSALS[failure]);
    };
    let person: SignedInPerson;
    let subject: string;
    try {
      const identity = await identify();
      subject = identity.sub;
      person =
        present === undefined
          ? await personOfGoogle(options, identity, originOf(req), req.session.referred_by)
          : await samePerson(options, present, subject);
    } catch (error) {
      await endSession(req, res);
      if (!(error instanceof GoogleRefusal)) throw error;
      await refuse(error.failure);
      return;
    }
    const proof = { kind: 'google', subject } as const;
    const outcome = await signInOrAsk(options, req, res, person, proof, wanted);
    if (outcome === 'signed_in') await answers.goOn(req, res, person, wanted);
    else if (outcome === 'second_step') redirect(req, res, CODE_PATH);
    else await refuse('state');
  };
}

async function samePerson(
  { connections }: PeopleOptions,
  present: SignedInPerson,
  subject: string,
): Promise<SignedInPerson> {
  if ((await personConnectedTo(connections.app, subject)) !== present.id)
    throw new GoogleRefusal('other_account');
  return present;
}

/** Connects the Google account that was chosen to the account of who is signed in. */
function connectWith(options: PeopleOptions) {
  return async (
    req: Request,
    res: Response,
    present: SignedInPerson,
    identify: Identify,
  ): Promise<void> => {
    try {
      const identity = await identify();
      await options.connections.app
        .transaction()
        .execute((trx) => connectGoogle(trx, present, identity, originOf(req)));
    } catch (error) {
      if (!(error instanceof GoogleRefusal)) throw error;
      options.onGoogleFailure?.(req, error.failure);
      redirect(req, res, `${PAGE}?google=${error.failure}`);
      return;
    }
    redirect(req, res, `${PAGE}?done=google`);
  };
}
