import { Router } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { shownIn } from '../workspaces/scope.ts';
import { broughtBy, referralCodeOf, referralTerms, workspaceOfReferral } from './referrals.ts';

interface Dependencies {
  connections: Connections;
  baseUrl: string;
}

/** Where a link leads: it is remembered until somebody signs up. Mounted at /. */
export function referralLinks({ connections }: Pick<Dependencies, 'connections'>): Router {
  const router = Router();
  router.get('/r/:code', async (req, res) => {
    if (req.user !== undefined) {
      redirect(req, res, '/');
      return;
    }
    const code = z.string().max(40).parse(req.params.code);
    const workspace = await workspaceOfReferral(connections.staff, code);
    if (workspace !== undefined) req.session.referred_by = workspace;
    redirect(req, res, '/sign-up');
  });
  return router;
}

/** A workspace's own link, and what it brought; among the routes of codes. */
export function referralRoutes({ connections, baseUrl }: Dependencies): Router {
  const router = Router({ mergeParams: true });
  router.get('/referrals', async (req, res) => {
    // Who came by a product's link has no account to bring anybody to.
    if (req.customer !== undefined) throw notFound();
    const { id } = shownIn(req);
    const page = await inWorkspace(connections.app, id, async (trx) => {
      const terms = await referralTerms(trx);
      if (terms === undefined) return undefined;
      const brought = await broughtBy(trx, id);
      return { terms, brought, link: `${baseUrl}/r/${await referralCodeOf(trx, id)}` };
    });
    if (page === undefined) throw notFound();
    const minimums = Object.entries(page.terms.minimums);
    sendPage(req, res, 'billing/referrals', { ...page, minimums });
  });
  return router;
}
