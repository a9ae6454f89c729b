import { Router } from 'express';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { showFor } from '../lib/formatting.ts';
import { readerOf, sendPage } from '../lib/rendering.ts';
import { refreshPurse, shownIn } from '../workspaces/scope.ts';
import { explainEntry } from './entry-page.ts';
import { dashboardOf, historyOf, seqOf } from './pages.ts';

/** The pages that show a wallet: to members under /w/:slug, to a customer under /c/:slug. */
export function walletRoutes({ connections }: { connections: Connections }): Router {
  const router = Router({ mergeParams: true });

  router.get('/', async (req, res) => {
    const workspace = shownIn(req);
    const balance = await refreshPurse(connections, res, workspace.id);
    const page = await inWorkspace(connections.app, workspace.id, (trx) =>
      dashboardOf(trx, workspace, balance),
    );
    sendPage(req, res, 'usage/dashboard', page);
  });

  router.get('/history', async (req, res) => {
    const workspace = shownIn(req);
    const balance = await refreshPurse(connections, res, workspace.id);
    const cursor = { before: seqOf(req.query['before']), after: seqOf(req.query['after']) };
    const page = await inWorkspace(connections.app, workspace.id, (trx) =>
      historyOf(trx, workspace, balance, cursor),
    );
    sendPage(req, res, 'usage/history', page);
  });

  router.get('/history/:seq', async (req, res) => {
    const workspace = shownIn(req);
    const seq = seqOf(req.params.seq);
    const page = await inWorkspace(connections.app, workspace.id, async (trx) => {
      if (seq === undefined) return undefined;
      const walletId = await walletIdOf(trx, workspace.id);
      return explainEntry(trx, workspace, walletId, seq, showFor(readerOf(res)));
    });
    if (page === undefined) throw notFound('entry');
    sendPage(req, res, 'usage/entry', page);
  });

  return router;
}
