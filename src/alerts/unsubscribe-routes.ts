import { type Request, Router } from 'express';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { sendPage } from '../lib/rendering.ts';
import { endMails } from './preferences.ts';
import type { Subscription, UnsubscribeLinks } from './unsubscribe-links.ts';

interface Dependencies {
  connections: Connections;
  links: UnsubscribeLinks;
}

/**
 * Where a mail's link ends mails of its kind: a page with a button for people, and the same address by
 * POST for mail programs (RFC 8058), which are not signed in and come from no page of ours. Whoever
 * has the mail may. Mounted before the guard against other sites.
 */
export function unsubscribeRoutes({ connections, links }: Dependencies): Router {
  const router = Router();

  router.get('/unsubscribe', (req, res) => {
    subscriptionOf(req, links);
    sendPage(req, res, 'alerts/unsubscribe', { ended: false, action: req.originalUrl });
  });

  router.post('/unsubscribe', async (req, res) => {
    const subscription = subscriptionOf(req, links);
    await inWorkspace(connections.app, subscription.workspace_id, (trx) =>
      endMails(trx, subscription),
    );
    sendPage(req, res, 'alerts/unsubscribe', { ended: true });
  });

  return router;
}

function subscriptionOf(req: Request, links: UnsubscribeLinks): Subscription {
  const subscription = links.read(req.query['from']);
  if (subscription === undefined) throw notFound('mail');
  return subscription;
}
