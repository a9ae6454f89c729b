import type { Connections } from '../lib/database.ts';
import type { Job } from '../lib/jobs.ts';
import { renewFreePlans } from './free-plans.ts';
import { rollOverAll } from './plan-rollovers.ts';

/** What subscriptions need done by themselves. */
export function planJobs(connections: Connections): Job[] {
  return [
    {
      name: 'plans.renew',
      cron: '* * * * *',
      run: async () => {
        await renewFreePlans(connections);
        await rollOverAll(connections);
      },
    },
  ];
}
