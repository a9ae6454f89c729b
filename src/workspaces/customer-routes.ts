import { Router } from 'express';
import { notFound } from '../lib/errors.ts';
import { redirect } from '../lib/rendering.ts';
import { LINKED_PAGES, type LinkedPage } from './customer-links.ts';
import {
  type CustomerPages,
  beginVisit,
  endVisit,
  findShown,
  sendVisitOver,
} from './customer-scope.ts';

const PATHS: Record<LinkedPage, string> = { overview: '', history: '/history', buy: '/buy' };

/** How customers without an account come in, and go; mounted at /c. */
export function customerRoutes(pages: CustomerPages): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    res.locals['by_link'] = true;
    // The link stands in the address only until here, and is told to nobody.
    res.set('Referrer-Policy', 'no-referrer');
    const read = pages.links.read(req.query['link'], LINKED_PAGES);
    if (read.outcome !== 'good' || read.purpose === 'visit') {
      sendVisitOver(req, res, read.outcome === 'expired' ? 'expired' : 'altered');
      return;
    }
    const customer = await findShown(pages.connections, read.workspace_id);
    if (customer === undefined) throw notFound();
    beginVisit(res, pages, customer.id);
    redirect(req, res, `${customer.base}${PATHS[read.purpose]}`);
  });

  router.post('/:slug/leave', (req, res) => {
    res.locals['by_link'] = true;
    endVisit(res, pages);
    sendVisitOver(req, res, 'left');
  });

  return router;
}
