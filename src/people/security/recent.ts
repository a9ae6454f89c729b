import type { RequestHandler } from 'express';
import { pageOf } from '../../lib/guards.ts';
import { redirect } from '../../lib/rendering.ts';
import { isRecentlyAuthenticated } from '../../lib/sessions.ts';

/**
 * Lets only people through who showed within ten minutes that it is them: others do so, and come
 * back. For what changes how somebody gets in. Mount it behind `signedIn`.
 */
export const recentlyAuthenticated: RequestHandler = (req, res, next) => {
  if (isRecentlyAuthenticated(req)) {
    next();
    return;
  }
  redirect(req, res, `/account/confirm?next=${encodeURIComponent(pageOf(req))}`);
};
