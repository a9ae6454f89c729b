import { type Request, type Response, Router } from 'express';
import { sql } from 'kysely';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, type Trx, inWorkspace, readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { type Reader, type Show, showFor } from '../lib/formatting.ts';
import { readerOf, sendPage } from '../lib/rendering.ts';
import { refreshPurse, shownIn } from '../workspaces/scope.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { explainEntry } from './entry-page.ts';
import { historyPage } from './history-page.ts';
import { momentPage } from './moment-page.ts';
import { movedInPage } from './moved-in-page.ts';
import { seqOf } from './pages.ts';
import { statementPage } from './statement-page.ts';

/** The history of a wallet: to members under /w/:slug, to a customer under /c/:slug. */
export function historyRoutes({ connections }: { connections: Connections }): Router {
  const router = Router({ mergeParams: true });

  router.get('/history', async (req, res) => {
    const workspace = shownIn(req);
    const balance = await refreshPurse(connections, res, workspace.id);
    const asked = { query: req.query, zone: readerOf(res).time_zone };
    const { status, ...page } = await inWorkspace(connections.app, workspace.id, (trx) =>
      historyPage(trx, workspace, balance, asked),
    );
    sendPage(req, res, 'usage/history', page, status);
  });

  router.get('/history/balance', async (req, res) => {
    const { status, ...page } = await lookBack(req, res, connections, momentPage);
    sendPage(req, res, 'usage/moment', { error: undefined, stood: undefined, ...page }, status);
  });

  router.get('/history/statement', async (req, res) => {
    const { status, ...page } = await lookBack(req, res, connections, statementPage);
    const data = { error: undefined, statement: undefined, ...page };
    sendPage(req, res, 'usage/statement', data, status);
  });

  router.get('/history/moved-in', async (req, res) => {
    const workspace = shownIn(req);
    await refreshPurse(connections, res, workspace.id);
    const page = await readWorkspace(connections.app, workspace.id, (trx) =>
      movedInPage(trx, req.query),
    );
    sendPage(req, res, 'usage/moved-in', page);
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

/** What a page of the past is asked with. */
interface Asked {
  asked: unknown;
  /** By the database's clock, as ledger time is. */
  now: Date;
  reader: Reader;
  show: Show;
}

/** Reads a page of the past from one snapshot, so that its figures add up. */
async function lookBack<Page>(
  req: Request,
  res: Response,
  connections: Connections,
  read: (trx: Trx, workspace: ShownWorkspace, asked: Asked) => Promise<Page>,
): Promise<Page> {
  const workspace = shownIn(req);
  const reader = readerOf(res);
  const asked = req.query['at'] ?? req.query['month'];
  return readWorkspace(connections.app, workspace.id, async (trx) => {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(trx);
    const [clock] = rows;
    if (clock === undefined) throw new Error('the database has no clock');
    return read(trx, workspace, { asked, now: clock.now, reader, show: showFor(reader) });
  });
}
