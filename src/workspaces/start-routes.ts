import { Router } from 'express';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import type { ReadCatalogue } from '../lib/catalogue-versions.ts';
import { businessProfileRoutes } from './business-profile-routes.ts';
import { programmeNow } from './milestone-programme.ts';
import { leaveFirstSteps, milestonesOf } from './milestones.ts';
import { managersOnly, scopeOf } from './scope.ts';
import { welcomeOfWorkspace } from './welcome.ts';

interface Dependencies {
  connections: Connections;
  catalogue: ReadCatalogue;
}

/**
 * First steps, the business profile that some of them are about, achievements, and what became of
 * the welcome credits; mounted under /w/:slug.
 */
export function startRoutes({ connections, catalogue }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/start', async (req, res) => {
    const { workspace } = scopeOf(req);
    const milestones = await programmeNow(catalogue);
    const page = await inWorkspace(connections.app, workspace.id, async (trx) => ({
      ...(await milestonesOf(trx, workspace.id, milestones, workspace.base)),
      welcome: await welcomeOfWorkspace(trx, workspace.id),
    }));
    sendPage(req, res, 'workspaces/start', page);
  });

  const managers = managersOnly('The first steps are for owners and admins of the workspace.');
  for (const wish of ['leave', 'resume'] as const) {
    router.post(`/start/${wish}`, managers, async (req, res) => {
      const { workspace } = scopeOf(req);
      await inWorkspace(connections.app, workspace.id, (trx) =>
        leaveFirstSteps(trx, workspace.id, wish === 'leave'),
      );
      redirect(req, res, wish === 'leave' ? workspace.base : `${workspace.base}/start`);
    });
  }

  router.use(businessProfileRoutes({ connections, catalogue }));
  return router;
}
