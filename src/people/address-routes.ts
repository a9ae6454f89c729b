import { type Request, type Response, Router } from 'express';
import { AppError } from '../lib/errors.ts';
import { originOf, signedIn } from '../lib/guards.ts';
import { type RateLimit, rateLimit } from '../lib/rate-limits.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { confirmAddress, mailAddressLink } from './addresses.ts';
import { findLink } from './mailed-links.ts';
import type { PeopleOptions } from './options.ts';

/**
 * Where somebody says that an address is theirs: /verify tells how, and sends the link again;
 * /verify/<token> is the link. Opening it changes nothing, since programs that look for viruses open
 * links too: its button does.
 */
export function addressRoutes(options: PeopleOptions): Router {
  const { connections } = options;
  const router = Router();
  router.use('/verify', signedIn);
  const mailsOf = addressMailLimit(options);

  router.get('/verify', (req, res) => {
    sendPage(req, res, 'people/verify', { sent: req.query['sent'] !== undefined, refusal: '' });
  });

  router.post('/verify', async (req, res) => {
    const { user } = req;
    if (user === undefined || user.email_verified) {
      redirect(req, res, '/verify');
      return;
    }
    try {
      await mailsOf.take(user.id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      sendPage(req, res, 'people/verify', { sent: false, refusal: error.message }, error.status);
      return;
    }
    await connections.app.transaction().execute((trx) => mailAddressLink(trx, user, user.email));
    redirect(req, res, '/verify?sent=1');
  });

  router.get('/verify/:token', async (req, res) => {
    keepToItself(res);
    const link = await findLink(connections.app, 'address', req.params.token);
    if (link === undefined || link.person_id !== req.user?.id) sendLinkOver(req, res);
    else {
      const { token } = req.params;
      sendPage(req, res, 'people/verify-link', { address: link.address, token });
    }
  });

  router.post('/verify/:token', async (req, res) => {
    keepToItself(res);
    const { token } = req.params;
    const person_id = req.user?.id ?? '';
    const { adminEmails, onStaffRole, onAddressVerified } = options;
    const done = await connections.app.transaction().execute((trx) =>
      confirmAddress(trx, {
        token,
        person_id,
        ...{ adminEmails, onStaffRole, onAddressVerified },
        origin: originOf(req),
      }),
    );
    if (done) redirect(req, res, '/verify');
    else sendLinkOver(req, res);
  });

  return router;
}

/** How many links to verify an address one person may have mailed. */
export function addressMailLimit({ connections }: PeopleOptions): RateLimit {
  const pool = connections.plain;
  return rateLimit({ pool, name: 'address-mails', points: 5, window_seconds: 60 * 60 });
}

/** The page's address lets its reader in: no other page learns it. */
export function keepToItself(res: Response): void {
  res.set('Referrer-Policy', 'no-referrer');
}

/** For a link that was used, is too old, or not for whoever is signed in: all alike. */
export function sendLinkOver(req: Request, res: Response): void {
  sendPage(req, res, 'people/link-over', {}, 404);
}
