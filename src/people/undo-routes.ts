import { Router } from 'express';
import { originOf } from '../lib/guards.ts';
import { sendPage } from '../lib/rendering.ts';
import { endSession } from '../lib/sessions.ts';
import { undoAddressChange } from './address-changes.ts';
import { keepToItself, sendLinkOver } from './address-routes.ts';
import { findLink } from './mailed-links.ts';
import type { PeopleOptions } from './options.ts';

/** Where the old address of an account takes it back, without being signed in: /undo/<token>. */
export function undoRoutes({ connections }: PeopleOptions): Router {
  const router = Router();

  router.get('/undo/:token', async (req, res) => {
    keepToItself(res);
    const { token } = req.params;
    const link = await findLink(connections.app, 'undo', token);
    if (link === undefined) sendLinkOver(req, res);
    else sendPage(req, res, 'people/undo', { address: link.address, token, done: false });
  });

  router.post('/undo/:token', async (req, res) => {
    keepToItself(res);
    const { token } = req.params;
    const link = await findLink(connections.app, 'undo', token);
    const done = await connections.app
      .transaction()
      .execute((trx) => undoAddressChange(trx, { token, origin: originOf(req) }));
    if (link === undefined || !done) {
      sendLinkOver(req, res);
      return;
    }
    req.user = undefined;
    res.locals['person'] = undefined;
    await endSession(req, res);
    sendPage(req, res, 'people/undo', { address: link.address, token, done: true });
  });

  return router;
}
