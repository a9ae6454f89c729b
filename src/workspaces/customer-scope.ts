import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { DEFAULT_READER } from '../lib/formatting.ts';
import { sendPage } from '../lib/rendering.ts';
import type { CustomerLinks } from './customer-links.ts';
import { type ShownCustomer, readsItsOwn, refreshPurse } from './scope.ts';

export interface CustomerPages {
  connections: Connections;
  links: CustomerLinks;
  baseUrl: string;
}

/** So long a customer looks around before the link has to be opened again. */
export const VISIT_SECONDS = 3_600;

/**
 * For pages under /c/:slug. Whose they are is told by the cookie that a link left; somebody else's
 * answer 404 like those that do not exist.
 */
export function customerScope({ connections, links, baseUrl }: CustomerPages): RequestHandler {
  return async (req, res, next) => {
    res.locals['by_link'] = true;
    const { seeing } = req;
    const visit =
      seeing === undefined
        ? links.read(cookieIn(req, nameOf(baseUrl)), ['visit'])
        : ({ outcome: 'good', expires_at: seeing.until, ...seeing } as const);
    if (visit.outcome !== 'good') {
      sendVisitOver(req, res, visit.outcome === 'expired' ? 'visit_expired' : 'no_visit');
      return;
    }
    const found = await findShown(connections, visit.workspace_id);
    if (found === undefined || found.slug !== req.params['slug']) throw notFound();
    const customer = { ...found, visit_ends_at: visit.expires_at };
    req.customer = customer;
    Object.assign(res.locals, {
      customer,
      workspace: customer,
      workspaces: [],
      home: customer.base,
      // Whoever is signed in in the same browser is somebody else here.
      person: undefined,
      reader: { ...DEFAULT_READER, time_zone: customer.time_zone },
    });
    if (req.method === 'GET' && !readsItsOwn(req)) {
      await refreshPurse(connections, res, customer.id);
    }
    next();
  };
}

/** A customer by the id of the workspace; undefined for what is none, or is deactivated. */
export async function findShown(
  { app }: Connections,
  id: string,
): Promise<Omit<ShownCustomer, 'visit_ends_at'> | undefined> {
  const found = await inWorkspace(app, id, (trx) =>
    trx
      .selectFrom('workspaces')
      .select(['id', 'name', 'slug', 'kind', 'currency', 'time_zone', 'email'])
      .where('id', '=', id)
      .where('kind', '=', 'external')
      .where('deactivated_at', 'is', null)
      .executeTakeFirst(),
  );
  return found === undefined ? undefined : { ...found, base: `/c/${found.slug}` };
}

/** Lets a browser see a customer's pages for a while. */
export function beginVisit(
  res: Response,
  { links, baseUrl }: CustomerPages,
  customerId: string,
): void {
  const token = links.visitFor(customerId, VISIT_SECONDS);
  res.cookie(nameOf(baseUrl), token, { ...optionsOf(baseUrl), maxAge: VISIT_SECONDS * 1_000 });
}

export function endVisit(res: Response, { baseUrl }: CustomerPages): void {
  res.clearCookie(nameOf(baseUrl), optionsOf(baseUrl));
}

/** Why somebody sees no page of a customer. */
const OVER = {
  expired: {
    status: 410,
    title: 'This link has expired',
    happened: 'Links are good for a short time only. Nothing was changed.',
  },
  altered: {
    status: 403,
    title: 'This link is not whole',
    happened: 'A part of it is missing or was changed on its way, so it opens nothing.',
  },
  visit_expired: {
    status: 410,
    title: 'Open your link again',
    happened: 'These pages close an hour after a link was opened. Nothing was changed.',
  },
  no_visit: {
    status: 401,
    title: 'Open your link first',
    happened: 'These pages are opened by a link, in the browser in which it was opened.',
  },
  left: {
    status: 200,
    title: 'The pages are closed',
    happened: 'Nobody can look at them in this browser any more.',
  },
} as const;

export function sendVisitOver(req: Request, res: Response, reason: keyof typeof OVER): void {
  const { status, ...said } = OVER[reason];
  sendPage(req, res, 'workspaces/visit-over', said, status);
}

/** Browsers take a cookie of the longer name only over https, for all paths and without a domain. */
function nameOf(baseUrl: string): string {
  return isSecure(baseUrl) ? '__Host-customer' : 'customer';
}

function optionsOf(baseUrl: string): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', secure: isSecure(baseUrl), path: '/' };
}

function isSecure(baseUrl: string): boolean {
  return baseUrl.startsWith('https:');
}

function cookieIn(req: Request, name: string): string | undefined {
  const cookies = (req.get('Cookie') ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
}
