import type { Request, RequestHandler, Response } from 'express';
import {
  type Profile,
  Strategy,
  type StrategyOptionsWithRequest,
  type VerifyCallback,
} from 'passport-google-oauth20';
import { originOf } from '../lib/guards.ts';
import { GoogleRefusal, googleIdentity, personOfGoogle } from './google-accounts.ts';
import { type Passport, createPassport } from './identify.ts';
import type { GoogleOptions, PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';

export const CALLBACK_PATH = '/auth/google/callback';

/** How long Google may take to answer us, while somebody waits. */
const EXCHANGE_MS = 15_000;

type Verify = (
  req: Request,
  accessToken: string,
  refreshToken: string,
  profile: Profile,
  done: VerifyCallback,
) => void;

/** The two halves of a sign-in with Google. */
export interface GoogleSignIn {
  /** Sends the browser to Google, with a state and a PKCE challenge kept in the session. */
  leave: RequestHandler;
  /** Reads what the browser brought back. Throws GoogleRefusal for whatever is not a sign-in. */
  comeBack: (req: Request, res: Response) => Promise<SignedInPerson>;
}

/** Signs in by Google's code flow. Throws at once if the userinfo URL is one that is misread. */
export function googleSignIn(options: PeopleOptions, google: GoogleOptions): GoogleSignIn {
  const own = createPassport(options.connections.app);
  own.use('google', strategyFor(options, google));
  return {
    leave: own.authenticate('google', { scope: ['openid', 'email', 'profile'] }),
    comeBack: (req, res) => {
      // Without either, the strategy would begin anew and send the browser round in circles.
      if (req.query['error'] === 'access_denied') return refused('denied');
      if (typeof req.query['code'] !== 'string' || typeof req.query['state'] !== 'string')
        return refused('state');
      return inTime(exchange(own, req, res));
    },
  };
}

class HeaderStrategy extends Strategy {
  constructor(options: StrategyOptionsWithRequest, verify: Verify) {
    super(options, verify);
    // Else the access token would travel in a URL, and so into logs.
    this._oauth2.useAuthorizationHeaderforGET(true);
  }
}

function strategyFor(options: PeopleOptions, google: GoogleOptions): Strategy {
  if (
    google.userinfoUrl !== undefined &&
    !new URL(google.userinfoUrl).pathname.endsWith('/userinfo')
  )
    throw new Error('the userinfo URL has to end in /userinfo');
  return new HeaderStrategy(
    {
      clientID: google.clientId,
      clientSecret: google.clientSecret,
      callbackURL: new URL(CALLBACK_PATH, options.baseUrl).href,
      authorizationURL: google.authorizationUrl,
      tokenURL: google.tokenUrl,
      userProfileURL: google.userinfoUrl,
      state: true,
      pkce: true,
      passReqToCallback: true,
    },
    (req, _accessToken, _refreshToken, profile, done) => {
      const identity = googleIdentity.safeParse(profile._json);
      if (!identity.success) {
        done(new GoogleRefusal('exchange'));
        return;
      }
      personOfGoogle(options, identity.data, originOf(req), req.session.referred_by).then(
        (person) => done(null, person),
        (cause: unknown) => done(new AccountError('', { cause })),
      );
    },
  );
}

/** An error of our own on its way through the strategy. */
class AccountError extends Error {}

/** The strategy's errors may hold what Google answered, so only ours come out as they are. */
function exchange(own: Passport, req: Request, res: Response): Promise<SignedInPerson> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown, person?: SignedInPerson | false | null): void => {
      if (error instanceof AccountError) reject(asError(error.cause));
      else if (error) reject(new GoogleRefusal('exchange'));
      else if (person) resolve(person);
      else reject(new GoogleRefusal('state'));
    };
    void own.authenticate('google', {}, settle)(req, res, settle);
  });
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('sign-in with Google failed', { cause });
}

async function inTime(person: Promise<SignedInPerson>): Promise<SignedInPerson> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new GoogleRefusal('exchange')), EXCHANGE_MS);
  });
  try {
    return await Promise.race([person, late]);
  } finally {
    clearTimeout(timer);
  }
}

function refused(failure: 'denied' | 'state'): Promise<never> {
  return Promise.reject(new GoogleRefusal(failure));
}
