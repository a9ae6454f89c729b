import { Events, OAuth2Server } from 'oauth2-mock-server';
import type { GoogleOptions, PeopleOptions } from '../../src/people/options.ts';
import { newId } from '../../src/lib/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { peopleApp, randomEmail, type visitor } from './people-app.ts';

export interface Identity {
  sub: string;
  email: string;
  email_verified?: unknown;
  name?: string;
}

/** What a request for the userinfo looked like. */
export interface UserinfoRequest {
  url: string | undefined;
  authorization: string | undefined;
}

/** A server that speaks OpenID Connect and vouches for whomever a test says. */
export async function startGoogle() {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const url = `http://127.0.0.1:${server.address().port}`;
  const state = { identity: anybody(), answer: 200, asked: [] as UserinfoRequest[] };
  const queue: Identity[] = [];
  server.service.on(
    Events.BeforeUserinfo,
    (
      answer: { body: unknown; statusCode: number },
      req: { url?: string; headers: { authorization?: string } },
    ) => {
      state.asked.push({ url: req.url, authorization: req.headers.authorization });
      answer.body = queue.shift() ?? state.identity;
      answer.statusCode = state.answer;
    },
  );
  const options: GoogleOptions = {
    clientId: 'scrip',
    clientSecret: 'client-secret',
    authorizationUrl: `${url}/authorize`,
    tokenUrl: `${url}/token`,
    userinfoUrl: `${url}/userinfo`,
  };
  /** Whom it vouches for next, one after the other. */
  const next = (...identities: Identity[]): void => {
    queue.push(...identities);
  };
  /** What a program is given that goes there. */
  const settings = {
    ...{ GOOGLE_CLIENT_ID: options.clientId, GOOGLE_CLIENT_SECRET: options.clientSecret },
    ...{ GOOGLE_AUTHORIZATION_URL: `${url}/authorize`, GOOGLE_TOKEN_URL: `${url}/token` },
    GOOGLE_USERINFO_URL: `${url}/userinfo`,
  };
  return { url, state, options, settings, next, stop: () => server.stop() };
}

/** The program with Google, and the failures that it would write to its log. */
export function appWithGoogle(
  database: TestDatabase,
  google: GoogleOptions,
  changes: Partial<PeopleOptions>,
) {
  const failures: string[] = [];
  const onGoogleFailure: PeopleOptions['onGoogleFailure'] = (_req, failure) => {
    failures.push(failure);
  };
  return { app: peopleApp(database, { google, onGoogleFailure, ...changes }), failures };
}

/** Somebody whom Google knows and we do not yet. */
export function anybody(changes: Partial<Identity> = {}): Identity {
  return {
    sub: newId(),
    email: randomEmail(),
    email_verified: true,
    name: 'Grace Hopper',
    ...changes,
  };
}

/** Sends a browser to Google and agrees there. Returns the path that it is sent back to. */
export async function agree(
  browser: ReturnType<typeof visitor>,
  next = '/',
): Promise<{ path: string; leave: URL; back: URL }> {
  const left = await browser.get(`/auth/google?next=${encodeURIComponent(next)}`).expect(302);
  return bringBack(String(left.headers['location']));
}

/** Agrees at Google's. Returns where the browser is sent back to. */
export async function bringBack(address: string): Promise<{ path: string; leave: URL; back: URL }> {
  const leave = new URL(address);
  const agreed = await fetch(leave, { redirect: 'manual' });
  const back = new URL(agreed.headers.get('Location') ?? '');
  return { path: back.pathname + back.search, leave, back };
}
