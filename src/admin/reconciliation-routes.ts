import { Router } from 'express';
import type { PaymentProvider } from '../billing/provider.ts';
import { type World, askForRun, newestDays, newestRuns } from '../billing/reconciliation-runs.ts';
import { netDifference } from '../core/reconciliation.ts';
import type { Connections } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { mayMoveMoney, moneyStaff } from './staff-scope.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

const RUNS = 10;
/** A day and currency each: about as many days as the first run of a day looks back. */
const DAYS = 40;

/** Whether the payments and Stripe agree, by day; mounted under /admin. */
export function reconciliationRoutes({ connections, provider }: Dependencies): Router {
  const router = Router();

  router.get('/reconciliation', async (req, res) => {
    const world = worldOf(provider);
    const runs = world === undefined ? [] : await newestRuns(connections.staff, world, RUNS);
    const days = world === undefined ? [] : await newestDays(connections.staff, world, DAYS);
    const last = runs.find(({ state }) => state === 'done');
    sendPage(req, res, 'admin/reconciliation', {
      runs,
      days: days.map((day) => ({ ...day, difference_minor: netDifference(day) })),
      last,
      under_way: runs.some(({ finished_at }) => finished_at === null),
      is_on: world !== undefined,
      may_ask: mayMoveMoney(req.user?.staff_role ?? null),
    });
  });

  router.post('/reconciliation', async (req, res) => {
    const { id } = moneyStaff(req);
    const world = worldOf(provider);
    if (world === undefined) {
      throw new AppError(503, 'buying_is_off', 'There is no payment provider to reconcile with.');
    }
    await connections.app.transaction().execute((trx) => askForRun(trx, world, id));
    redirect(req, res, '/admin/reconciliation');
  });

  return router;
}

function worldOf(provider: PaymentProvider): World | undefined {
  if (provider.mode === 'off') return undefined;
  return { provider: provider.mode, livemode: provider.livemode };
}
