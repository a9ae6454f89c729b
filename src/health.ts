import { flaggedCount } from './billing/stripe-events.ts';
import { type LedgerProgress, ledgerProgress } from './ledger/progress.ts';
import type { Connections } from './lib/database.ts';
import { type JobQueue, readJobQueue } from './lib/job-queue.ts';
import { type MailQueue, readMailQueue } from './lib/mail-queue.ts';
import { type DueDeliveries, dueDeliveries } from './webhooks/deliveries.ts';

/** What waits in the database, whichever process is to do it. */
export interface Health {
  ledger: LedgerProgress;
  jobs: JobQueue;
  mails: MailQueue;
  deliveries: DueDeliveries;
  /** Events of Stripe that somebody has to look at. */
  flagged_events: bigint;
  /** The clock of the database. */
  now: Date;
}

/** Reads what waits, by a few statements on one connection each. */
export async function readHealth({
  app,
  staff,
}: Pick<Connections, 'app' | 'staff'>): Promise<Health> {
  const [ledger, jobs, mails, deliveries, flagged_events] = await Promise.all([
    ledgerProgress(staff),
    readJobQueue(app),
    readMailQueue(staff),
    dueDeliveries(staff),
    flaggedCount(staff),
  ]);
  return { ledger, jobs, mails, deliveries, flagged_events, now: deliveries.now };
}
