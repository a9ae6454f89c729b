import { walletsDue } from './ledger/balances.ts';
import type { Ledger } from './ledger/ledger.ts';
import { verifyLedger } from './ledger/verify.ts';
import type { Connections } from './lib/database.ts';
import type { Job } from './lib/jobs.ts';
import type { Logger } from './lib/log.ts';

const SWEEP_WALLETS_MAX = 500;

/** Every job of the program. */
export function jobsOf({
  connections,
  ledger,
  log,
}: {
  connections: Connections;
  ledger: Ledger;
  log: Logger;
}): Job[] {
  return [
    {
      // What is due is not spendable in any case; this writes the entries that say so.
      name: 'ledger.sweep',
      cron: '* * * * *',
      run: async () => {
        for (const wallet_id of await walletsDue(connections.staff, SWEEP_WALLETS_MAX)) {
          await ledger.execute({ kind: 'expire', wallet_id });
        }
      },
    },
    {
      name: 'ledger.verify',
      cron: '17 3 * * *',
      run: async () => {
        const violations = await verifyLedger(connections.staff);
        for (const violation of violations) log.fatal({ violation }, 'the ledger does not add up');
        if (violations.length === 0) log.info('the ledger adds up');
      },
    },
  ];
}
