import { type Request, Router } from 'express';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { readerOf } from '../lib/rendering.ts';
import type { LiveBalances } from './live-balances.ts';
import type { Onlooker } from './onlookers.ts';
import { scopeOf, shownIn } from './scope.ts';

interface Dependencies {
  connections: Connections;
  live: LiveBalances;
}

/** The stream that keeps the header's purse fresh; mounted under /w/:slug and /c/:slug. */
export function liveRoutes({ connections, live }: Dependencies): Router {
  const router = Router({ mergeParams: true });
  router.get('/live', async (req, res) => {
    const { id, base } = shownIn(req);
    const wallet_id = await inWorkspace(connections.app, id, (trx) => walletIdOf(trx, id));
    const onlooker = onlookerOf(req);
    letGoOfSession(req);
    live.open({
      ...onlooker,
      workspace_id: id,
      base,
      wallet_id,
      res,
      reader: readerOf(res),
    });
  });
  return router;
}

function onlookerOf(req: Request): Pick<Onlooker, 'key' | 'by'> {
  const { customer } = req;
  if (customer !== undefined) {
    return { key: customer.id, by: { kind: 'link', until: customer.visit_ends_at } };
  }
  const { person } = scopeOf(req);
  if (req.seeing !== undefined) {
    return { key: person.id, by: { kind: 'link', until: req.seeing.until } };
  }
  return {
    key: person.id,
    by: { kind: 'member', session_id: req.sessionID, person_id: person.id },
  };
}

/** An answer prolongs its session, as somebody does who is there. A stream is nobody. */
function letGoOfSession(req: Request): void {
  Object.assign(req, { session: undefined });
}
