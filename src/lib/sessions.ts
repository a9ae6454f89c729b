import connectPgSimple from 'connect-pg-simple';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type pg from 'pg';
import { deviceOf } from '../core/devices.ts';

declare module 'express-session' {
  interface SessionData {
    /** When the session was first stored, in milliseconds since 1970. */
    began_at?: number;
    /** The workspace whose link somebody came by, until they sign up. */
    referred_by?: string;
    /** Where Passport looks for who is signed in: the person's id. */
    passport?: { user: string };
    /** When whoever uses it showed last that it is them, in milliseconds since 1970. */
    authenticated_at?: number;
    /** What it was begun on, in words. */
    device?: string;
    /** Until when it stands in the database. A function, because functions are not stored. */
    stored_until?: () => Date;
  }
}

/**
 * Reads a session that has not expired, with `stored_until`, and whatever else every request wants to
 * know of whose it is: that is one question to the database instead of two.
 */
export type FindSession = (sid: string) => Promise<session.SessionData | undefined>;

export interface SessionOptions {
  /** `connections.plain`. */
  pool: pg.Pool;
  find: FindSession;
  /** The first signs; all are accepted, so that a secret can be replaced. */
  secrets: string[];
  /** `auto` follows the request: for http and https at once. */
  secure: boolean | 'auto';
  /** Whether this process deletes expired sessions every quarter of an hour. */
  prune: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;
export const IDLE_MS = 14 * DAY_MS;
const ABSOLUTE_MS = 90 * DAY_MS;
const HOUR_MS = 60 * 60 * 1000;
const RECENT_MS = HOUR_MS / 6;
const PRUNE_MS = HOUR_MS / 4;
const COOKIE = 'sid';
/** Browsers take a cookie of this name only over https, for all paths and without a domain. */
const SECURE_COOKIE = '__Host-sid';

/**
 * Sessions in our table, told by a signed cookie. A session ends 14 days after its last request,
 * and 90 days after it began. Mount it behind static files; `trust proxy` has to be set.
 */
export function sessions(options: SessionOptions): RequestHandler {
  return session({
    store: new SessionStore(options),
    secret: options.secrets,
    name: options.secure === true ? SECURE_COOKIE : COOKIE,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure: options.secure, maxAge: IDLE_MS },
  });
}

/**
 * Signs somebody in: a new session with a new id, stored before this returns. What the browser had
 * before belongs to nobody.
 */
export async function beginSession(req: Request, personId: string): Promise<void> {
  await asPromise((done) => req.session.regenerate(done));
  req.session.passport = { user: personId };
  req.session.authenticated_at = Date.now();
  req.session.device = deviceOf(req.get('User-Agent') ?? '');
  await asPromise((done) => req.session.save(done));
  // It is stored: when the answer is sent it may be updated, and not be brought back.
  req.session.began_at = req.session.authenticated_at;
}

/** Whether whoever uses a session showed within ten minutes that it is them. */
export function isRecentlyAuthenticated(req: Request): boolean {
  return Date.now() - (req.session.authenticated_at ?? 0) < RECENT_MS;
}

/** Deletes the session of a request from the database, and its cookie from the browser. */
export async function endSession(req: Request, res: Response): Promise<void> {
  await asPromise((done) => req.session.destroy(done));
  const brought = req.get('Cookie') ?? '';
  for (const name of [COOKIE, SECURE_COOKIE]) {
    if (!brought.includes(`${name}=`)) continue;
    res.clearCookie(name, { httpOnly: true, sameSite: 'lax', secure: name === SECURE_COOKIE });
  }
}

type Callback = (error?: unknown) => void;

class SessionStore extends connectPgSimple(session) {
  readonly #pool: pg.Pool;
  readonly #find: FindSession;

  constructor({ pool, find, prune }: SessionOptions) {
    super({
      pool,
      tableName: 'sessions',
      createTableIfMissing: false,
      pruneSessionInterval: false,
    });
    this.#pool = pool;
    this.#find = find;
    if (!prune) return;
    setInterval(() => {
      this.pruneSessions();
    }, PRUNE_MS).unref();
  }

  override get(
    sid: string,
    callback: (error: unknown, found?: session.SessionData | null) => void,
  ): void {
    this.#find(sid).then((found) => {
      if (found && Date.now() - (found.began_at ?? 0) > ABSOLUTE_MS) {
        this.destroy(sid, (failed: unknown) => {
          callback(failed ?? null, null);
        });
      } else callback(null, found);
    }, callback);
  }

  /**
   * A session that was read is updated, never inserted: a request that was under way when somebody
   * signed out, or was signed out, must not bring the session back.
   */
  override set(sid: string, data: session.SessionData, callback?: Callback): void {
    if (data.began_at === undefined) {
      super.set(sid, { ...data, began_at: Date.now() }, callback);
      return;
    }
    this.#write(
      'update sessions set sess = $1, expire = $2 where sid = $3',
      [JSON.stringify(data), expiryOf(data), sid],
      callback,
    );
  }

  /** Writes at most once an hour: a page view is no reason for a write, nor to wait for one. */
  override touch(sid: string, data: session.SessionData, callback?: Callback): void {
    const expire = expiryOf(data);
    const isNear = (data.stored_until?.().getTime() ?? 0) < expire.getTime() - HOUR_MS;
    if (isNear)
      this.#write('update sessions set expire = $1 where sid = $2', [expire, sid], callback);
    else callback?.();
  }

  #write(statement: string, values: unknown[], callback: Callback | undefined): void {
    this.#pool.query(statement, values).then(
      () => callback?.(),
      (error: unknown) => callback?.(error),
    );
  }
}

/** What a session does with a callback, as a promise. */
export function asPromise(call: (done: Callback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}

function expiryOf(data: session.SessionData): Date {
  return new Date(Date.now() + (data.cookie.originalMaxAge ?? IDLE_MS));
}
