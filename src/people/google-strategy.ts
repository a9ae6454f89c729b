import type { Request, RequestHandler, Response } from 'express';
import {
  type Profile,
  Strategy,
  type StrategyOptions,
  type VerifyCallback,
} from 'passport-google-oauth20';
import { type GoogleIdentity, GoogleRefusal, googleIdentity } from './google-accounts.ts';
import { type Passport, createPassport } from './identify.ts';
import type { GoogleOptions, PeopleOptions } from './options.ts';

export const CALLBACK_PATH = '/auth/google/callback';

/** How long Google may take to answer us, while somebody waits. */
const EXCHANGE_MS = 15_000;

/** Where forms lead that connect a Google account: browsers ask whether they may. */
export function googleOrigin({ authorizationUrl }: GoogleOptions): string {
  return new URL(authorizationUrl ?? 'https://accounts.google.com').origin;
}

type Verify = (
  accessToken: string,
  refreshToken: string,
  profile: Profile,
  done: VerifyCallback,
) => void;

/** The two halves of the way to Google and back. */
export interface GoogleSignIn {
  /** Sends the browser to Google, with a state and a PKCE challenge kept in the session. */
  leave: RequestHandler;
  /** The same, and lets whoever has several accounts there choose one. */
  leaveToChoose: RequestHandler;
  /** Whom Google vouches for in what the browser brought back. Throws GoogleRefusal. */
  comeBack: (req: Request, res: Response) => Promise<GoogleIdentity>;
}

/** Google's code flow. Throws at once if the userinfo URL is one that is misread. */
export function googleSignIn(options: PeopleOptions, google: GoogleOptions): GoogleSignIn {
  const own = createPassport();
  own.use('google', strategyFor(options, google));
  const scope = ['openid', 'email', 'profile'];
  return {
    leave: own.authenticate('google', { scope }),
    leaveToChoose: own.authenticate('google', { scope, prompt: 'select_account' }),
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
  constructor(options: StrategyOptions, verify: Verify) {
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
    },
    (_accessToken, _refreshToken, profile, done) => {
      const identity = googleIdentity.safeParse(profile._json);
      // Which of our people that is, or whether one at all, depends on what they came for.
      if (identity.success) done(null, false, identity.data);
      else done(new GoogleRefusal('exchange'));
    },
  );
}

/** The strategy's errors may hold what Google answered, so none comes out as it is. */
function exchange(own: Passport, req: Request, res: Response): Promise<GoogleIdentity> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown, _person?: unknown, info?: unknown): void => {
      const identity = googleIdentity.safeParse(info);
      if (error) reject(new GoogleRefusal('exchange'));
      else if (identity.success) resolve(identity.data);
      else reject(new GoogleRefusal('state'));
    };
    void own.authenticate('google', {}, settle)(req, res, settle);
  });
}

async function inTime(identity: Promise<GoogleIdentity>): Promise<GoogleIdentity> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new GoogleRefusal('exchange')), EXCHANGE_MS);
  });
  try {
    return await Promise.race([identity, late]);
  } finally {
    clearTimeout(timer);
  }
}

function refused(failure: 'denied' | 'state'): Promise<never> {
  return Promise.reject(new GoogleRefusal(failure));
}
