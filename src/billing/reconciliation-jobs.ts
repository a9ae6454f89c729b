import type { Connections } from '../lib/database.ts';
import type { Job } from '../lib/jobs.ts';
import type { Logger } from '../lib/log.ts';
import type { PaymentProvider } from './provider.ts';
import { type Reconciled, reconcile } from './reconciliation.ts';
import { isRunAskedFor } from './reconciliation-runs.ts';

/** Reconciles every quarter of an hour, and soon after somebody asked for it. */
export function reconciliationJobs(
  connections: Connections,
  provider: PaymentProvider,
  log: Logger,
): Job[] {
  if (provider.mode === 'off') return [];
  const { mode, livemode } = provider;
  return [
    {
      name: 'billing.reconcile',
      cron: '*/15 * * * *',
      run: async () => tell(log, await reconcile(connections, provider)),
    },
    {
      name: 'billing.reconcile-asked',
      every_seconds: 3,
      run: async () => {
        const world = { provider: mode, livemode };
        if (!(await isRunAskedFor(connections.app, world))) return;
        tell(log, await reconcile(connections, provider));
      },
    },
  ];
}

function tell(log: Logger, run: Reconciled): void {
  switch (run.outcome) {
    case 'under_way':
      return;
    case 'failed':
      log.error({ reconciliation: run.id, err: run.error }, 'payments could not be reconciled');
      return;
    case 'done': {
      const { id: reconciliation, looked_at, changed, findings, days, agrees } = run;
      const differences = days.reduce((count, day) => count + day.differences.length, 0);
      const about = { reconciliation, looked_at, changed, findings: findings.length, differences };
      if (agrees) log.info(about, 'the payments and Stripe agree');
      else log.error(about, 'the payments and Stripe do not agree');
    }
  }
}
