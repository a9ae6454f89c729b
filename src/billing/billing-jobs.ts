import type { Connections } from '../lib/database.ts';
import type { Job } from '../lib/jobs.ts';
import type { Logger } from '../lib/log.ts';
import { topUp } from './auto-top-up.ts';
import { bulkGrantJobs } from './bulk-grant-jobs.ts';
import { leaveStripe } from './leaving.ts';
import { checkLeft } from './payments/checks.ts';
import { planJobs } from './plan-jobs.ts';
import type { PaymentProvider } from './provider.ts';
import { reconciliationJobs } from './reconciliation-jobs.ts';
import { rewardReferrals } from './referral-rewards.ts';
import { askForRefunds } from './refund-jobs.ts';

export interface BillingWork {
  connections: Connections;
  provider: PaymentProvider;
  log: Logger;
}

/** What money needs done by itself. */
export function billingJobs({ connections, provider, log }: BillingWork): Job[] {
  return [
    {
      name: 'billing.refund',
      every_seconds: 2,
      run: () => askForRefunds(connections, provider, log),
    },
    {
      name: 'billing.check-left',
      cron: '*/5 * * * *',
      run: async () => {
        if (provider.mode !== 'off') await checkLeft({ connections, provider, log });
      },
    },
    {
      name: 'billing.leave-stripe',
      cron: '* * * * *',
      run: async () => {
        if (provider.mode !== 'off') await leaveStripe({ connections, provider, log });
      },
    },
    ...bulkGrantJobs(connections),
    ...reconciliationJobs(connections, provider, log),
    {
      name: 'billing.top-up',
      every_seconds: 5,
      run: () => topUp(connections, provider, log),
    },
    {
      name: 'billing.reward-referrals',
      every_seconds: 5,
      run: () => rewardReferrals({ connections, provider, log }),
    },
    ...planJobs(connections, provider),
  ];
}
