import type { PaymentProvider } from '../billing/provider.ts';
import { type World, askForRun, newestDays, newestRuns } from '../billing/reconciliation-runs.ts';
import { netDifference } from '../core/reconciliation.ts';
import type { Connections } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { StaffRoutes } from './staff-routes.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

const RUNS = 10;
/** A day and currency each: about as many days as the first run of a day looks back. */
const DAYS = 40;

/** Whether the payments and Stripe agree, by day; mounted under /admin. */
export function reconciliationRoutes({ connections, provider }: Dependencies): StaffRoutes {
  const routes = new StaffRoutes();

  routes.get('/reconciliation', 'look', async (req, res) => {
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
    });
  });

  routes.post('/reconciliation', 'reconciliation.run', async (req, res, { id }) => {
    const world = worldOf(provider);
    if (world === undefined) {
      throw new AppError(503, 'buying_is_off', 'There is no payment provider to reconcile with.');
    }
    const by = { person_id: id, origin: originOf(req) };
    await connections.app.transaction().execute((trx) => askForRun(trx, world, by));
    redirect(req, res, '/admin/reconciliation');
  });

  return routes;
}

function worldOf(provider: PaymentProvider): World | undefined {
  if (provider.mode === 'off') return undefined;
  return { provider: provider.mode, livemode: provider.livemode };
}
