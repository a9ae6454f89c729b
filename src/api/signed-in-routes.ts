import { type Request, type Response, Router } from 'express';
import { originOf, sameOrigin } from '../lib/guards.ts';
import { AppError } from '../lib/errors.ts';
import { isRecentlyAuthenticated } from '../lib/sessions.ts';
import { readBody } from './body.ts';
import { ONE_BYTES_MAX } from './endpoint.ts';
import { queryOf } from './query.ts';
import { askerOf } from './signed-in/asker.ts';
import type { SignedInEndpoint, SignedInServices } from './signed-in/endpoint.ts';
import { SIGNED_IN_ENDPOINTS } from './signed-in/endpoints.ts';

const PATHS = new Set<string>(SIGNED_IN_ENDPOINTS.map(({ path }) => path));

/** Whether a path is answered to people who are signed in, and so behind the sessions. */
export function isForSignedIn(url = ''): boolean {
  return PATHS.has(url.split('?', 1)[0] ?? '');
}

/**
 * The endpoints that know sessions. What a session asks to be changed has to come from our own pages;
 * a key of a workspace comes from anywhere. Mount it behind the sessions and before what reads forms.
 */
export function signedInRoutes(services: SignedInServices): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const fromOwnPages = sameOrigin(services.baseUrl);
  for (const endpoint of SIGNED_IN_ENDPOINTS) {
    router[endpoint.method](
      endpoint.path,
      (req, res, next) => {
        if (req.headers.authorization === undefined) fromOwnPages(req, res, next);
        else next();
      },
      (req, res) => answer(services, endpoint, req, res),
    );
  }
  for (const path of PATHS) {
    const allow = SIGNED_IN_ENDPOINTS.filter((one) => one.path === path)
      .map(({ method }) => method.toUpperCase())
      .join(', ');
    router.all(path, (_req, res) => {
      res.set('Allow', allow);
      throw new AppError(405, 'method_not_allowed', `Send ${allow} here.`, { allow });
    });
  }
  return router;
}

async function answer(
  services: SignedInServices,
  endpoint: SignedInEndpoint,
  req: Request,
  res: Response,
): Promise<void> {
  const asker = await askerOf(services, req, endpoint.scope);
  if (endpoint.needs_recent_sign_in === true && !isRecentlyAuthenticated(req)) {
    throw new AppError(403, 'confirm_first', 'Show that it is you, then send it again.', {
      confirm_url: `${services.baseUrl}/account/confirm`,
    });
  }
  const request =
    endpoint.method === 'get'
      ? queryOf(req.originalUrl.split('?', 2)[1] ?? '')
      : (await readBody(req, ONE_BYTES_MAX)).body;
  const { status, body, replayed } = await endpoint.handle(services, {
    ...{ asker, request, headers: req.headers, origin: originOf(req) },
  });
  if (replayed === true) res.set('Idempotent-Replayed', 'true');
  res.set('Cache-Control', 'no-store').status(status).json(body);
}
