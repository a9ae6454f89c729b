import { Router } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { sendPage } from '../lib/rendering.ts';
import { activityOf } from './activity.ts';
import { scopeOf } from './scope.ts';

/** Who did what in a workspace; mounted under /w/:slug. */
export function activityRoutes({ connections }: { connections: Connections }): Router {
  const router = Router({ mergeParams: true });

  router.get('/activity', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const cursor = {
      before: z.uuid().safeParse(req.query['before']).data,
      after: z.uuid().safeParse(req.query['after']).data,
    };
    const activity = await inWorkspace(connections.app, workspace.id, (trx) =>
      activityOf(trx, workspace, person.id, cursor),
    );
    sendPage(req, res, 'workspaces/activity', activity);
  });

  return router;
}
