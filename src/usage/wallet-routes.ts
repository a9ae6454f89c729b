import { Router } from 'express';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { sendPage } from '../lib/rendering.ts';
import { refreshPurse, shownIn } from '../workspaces/scope.ts';
import { dashboardOf } from './pages.ts';

/** The page that shows a wallet: to members under /w/:slug, to a customer under /c/:slug. */
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

  return router;
}
