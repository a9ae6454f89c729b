import { Router } from 'express';
import { type Connections, readWorkspace } from '../lib/database.ts';
import { readerOf, sendPage } from '../lib/rendering.ts';
import { shownIn } from '../workspaces/scope.ts';
import { type DashboardOptions, dashboardOf } from './dashboard.ts';

interface Dependencies extends DashboardOptions {
  connections: Connections;
}

/** The page that shows a wallet: to members under /w/:slug, to a customer under /c/:slug. */
export function walletRoutes({ connections, ...options }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/', async (req, res) => {
    const workspace = shownIn(req);
    const role = req.workspace?.role;
    const onlooker = {
      reader: readerOf(res),
      may_manage: role === 'owner' || role === 'admin',
      is_verified_owner: role === 'owner' && req.user?.email_verified === true,
    };
    const { purse, page } = await readWorkspace(connections.app, workspace.id, (trx) =>
      dashboardOf(trx, workspace, options, onlooker),
    );
    sendPage(req, res, 'usage/dashboard', { ...page, purse });
  });

  return router;
}
