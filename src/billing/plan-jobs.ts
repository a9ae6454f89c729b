import type { Connections } from '../lib/database.ts';
import type { Job } from '../lib/jobs.ts';
import { carryOutAll } from './subscriptions/asked-changes.ts';
import { lookAfterBegun } from './subscriptions/begun.ts';
import { renewFreePlans } from './plans/free-plans.ts';
import { findIntents } from './subscriptions/invoice-intents.ts';
import { rollOverAll } from './plans/rollovers.ts';
import type { PaymentProvider } from './provider.ts';
import { checkTrials } from './subscriptions/trials.ts';

/** What subscriptions need done by themselves. */
export function planJobs(connections: Connections, provider: PaymentProvider): Job[] {
  const renew: Job = {
    name: 'plans.renew',
    cron: '* * * * *',
    run: async () => {
      await renewFreePlans(connections);
      await rollOverAll(connections);
    },
  };
  if (provider.mode === 'off') return [renew];
  return [
    renew,
    {
      // Whoever has begun a trial waits for its credits.
      name: 'plans.ask-stripe',
      every_seconds: 5,
      run: async () => {
        await checkTrials(connections, provider);
        await carryOutAll(connections, provider);
      },
    },
    {
      name: 'plans.look-after',
      cron: '* * * * *',
      run: async () => {
        await findIntents(connections, provider);
        await lookAfterBegun(connections, provider);
      },
    },
  ];
}
