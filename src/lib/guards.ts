import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import type { Origin } from './audit.ts';
import { AppError } from './errors.ts';
import { redirect, wantsPart } from './rendering.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const NEXT_MAX = 2000;

/**
 * Refuses what another site makes a browser send: an unsafe method passes only when the browser
 * says that it comes from our own pages. Throws 403 `cross_origin`. For whatever tells people by a
 * cookie; not for the API's keys and webhooks.
 */
export function sameOrigin(baseUrl: string): RequestHandler {
  const base = new URL(baseUrl);
  const isOurs = (req: Request, origin: string): boolean =>
    origin === base.origin || (isLoopback(base.hostname) && isOwnHost(req, origin));
  return (req, _res, next) => {
    const site = req.get('Sec-Fetch-Site');
    const origin = req.get('Origin');
    const passes =
      SAFE_METHODS.has(req.method) ||
      site === 'same-origin' ||
      (site === 'none' && (origin === undefined || isOurs(req, origin))) ||
      (site === undefined && origin !== undefined && isOurs(req, origin));
    if (passes) {
      next();
      return;
    }
    throw new AppError(
      403,
      'cross_origin',
      'This request did not come from our own pages. Nothing was changed.',
    );
  };
}

/**
 * Lets only people through who are signed in. Others go to the sign-in page and come back: by 303,
 * or by 401 with HX-Redirect where htmx wanted a part of a page.
 */
export const signedIn: RequestHandler = (req, res, next) => {
  if (req.user !== undefined) {
    next();
    return;
  }
  const back = pageOf(req);
  const url = back === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(back)}`;
  if (wantsPart(req))
    res.set({ 'HX-Redirect': url, 'Cache-Control': 'no-store' }).status(401).end();
  else redirect(req, res, url);
};

/**
 * A path of ours to go on to, or '/' for everything that a browser or a proxy might read as another
 * site: no host, no backslash, no control character, encoded or not.
 */
export function localPath(next: unknown): string {
  if (typeof next !== 'string' || next.length > NEXT_MAX || !next.startsWith('/')) return '/';
  if (/[\p{Cc}\u0020\u00a0\u2028\u2029\\]/u.test(next)) return '/';
  const parsed = URL.parse(next, 'http://local.invalid');
  if (parsed?.origin !== 'http://local.invalid') return '/';
  return isPlainPath(parsed.pathname) ? next : '/';
}

/** Where a request came from, for an audit event. */
export function originOf(req: Request): Origin {
  const ip = req.ip !== undefined && isIP(req.ip) !== 0 ? req.ip : undefined;
  const requestId = 'id' in req && typeof req.id === 'string' ? req.id : undefined;
  return { ip, request_id: requestId };
}

/**
 * The client as far as a limit counts it: an IPv4 address, or the /64 network of an IPv6 address,
 * of which one client has all.
 */
export function clientOf(req: Request): string {
  const ip = (req.ip ?? '').replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
  if (isIP(ip) !== 6) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = [...before, ...(ip.includes('::') ? zeros : []), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Undoes up to three layers of encoding and looks whether the path became another site's. */
function isPlainPath(pathname: string): boolean {
  let path = pathname;
  for (let layer = 0; layer < 3; layer++) {
    if (path.startsWith('//') || /[^\P{Cc}\u0080-\u009f]|\\/u.test(path)) return false;
    try {
      path = decodeURIComponent(path);
    } catch {
      return false;
    }
  }
  return !path.startsWith('//');
}

/** The page that somebody looks at: the one asked for, or the one that sent a form or a part's request. */
export function pageOf(req: Request): string {
  if (req.method === 'GET' && !wantsPart(req)) return localPath(req.originalUrl);
  const referrer = URL.parse(req.get('Referer') ?? '');
  if (referrer === null || referrer.host !== req.get('Host')) return '/';
  return localPath(referrer.pathname + referrer.search);
}

/** Whether a host name or address means this machine, so that nobody else reaches it. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|::1|\[::1\]|127(\.\d+){3})$/.test(hostname);
}

function isOwnHost(req: Request, origin: string): boolean {
  const parsed = URL.parse(origin);
  return parsed !== null && parsed.host === req.get('Host');
}
