import { tellOfExpiring } from './alerts/expiring.ts';
import { forgetAlerts } from './alerts/lasting.ts';
import { raiseAboutPaying } from './alerts/paying.ts';
import { raiseAfterChanges, raiseFrom } from './alerts/taking.ts';
import { UnsubscribeLinks } from './alerts/unsubscribe-links.ts';
import { lookAtUsage } from './alerts/usage.ts';
import { billingJobs } from './billing/billing-jobs.ts';
import { forgetBulkGrantsBefore } from './billing/bulk-grant-retention.ts';
import type { PaymentProvider } from './billing/provider.ts';
import { sellerOf } from './billing/seller.ts';
import { forgetEventBodies } from './billing/stripe-events.ts';
import { topUpTroubles } from './billing/top-up-troubles.ts';
import type { Config } from './config.ts';
import { walletsDue } from './ledger/balances.ts';
import { keepBooks } from './ledger/bookkeeping.ts';
import type { Ledger } from './ledger/ledger.ts';
import { tellExpiring } from './ledger/outbox.ts';
import { type Violation, proveAndKeep, proveChanged } from './ledger/proof.ts';
import { forgetBefore } from './ledger/retention.ts';
import { rollUp } from './ledger/rollups.ts';
import { sealClosedHours } from './ledger/seals.ts';
import type { ReadCatalogue } from './lib/catalogue-versions.ts';
import type { Connections, Db } from './lib/database.ts';
import type { Job } from './lib/jobs.ts';
import type { Logger } from './lib/log.ts';
import { forgetMails, forgetMailsTo } from './lib/mail.ts';
import { type MailServer, sendDue } from './lib/mail-delivery.ts';
import { resealAll } from './reseal.ts';
import { deletedWithMails } from './people/deletion.ts';
import { type Delivering, deliverDue } from './webhooks/deliver.ts';
import { endpointSecrets } from './webhooks/secrets.ts';
import { forgetDeliveries } from './webhooks/deliveries.ts';
import { EXPIRING_SOON_DAYS } from './webhooks/events.ts';
import { handOnAlerts, handOnAll } from './webhooks/hand-on.ts';
import { milestoneJobs } from './workspaces/milestone-jobs.ts';

const SWEEP_WALLETS_MAX = 500;
const DAY_MILLISECONDS = 86_400_000;
const TOLD_MAX = 100;

/** For whoever starts the jobs without a key to seal with. */
export const UNSEALED = 'The hours of the ledger are not sealed: set SEAL_KEY.';
/** For whoever starts the jobs without a mail server. */
export const MAIL_IS_OFF = 'Mail is off: set SMTP_URL and MAIL_FROM.';

/** Every job of the program. */
export function jobsOf({
  connections,
  ledger,
  log,
  sealKeys,
  sessionSecrets,
  encryptionKeys,
  retentionDays,
  production,
  mail,
  provider,
  catalogue,
}: {
  connections: Connections;
  ledger: Ledger;
  log: Logger;
  /** The newest first; none: hours are not sealed. */
  sealKeys: readonly string[];
  /** Sign the links with which mails are ended; none: mails have no such links. */
  sessionSecrets: readonly string[];
  /** What secrets in the database are encrypted with, the newest first. */
  encryptionKeys: readonly string[];
  /** Undefined: everything is kept. */
  retentionDays: number | undefined;
  /** Webhooks go to the public internet only. */
  production: boolean;
  /** Undefined: mails are written and stay. */
  mail: MailServer | undefined;
  provider: PaymentProvider;
  catalogue: ReadCatalogue;
}): Job[] {
  const [sealKey] = sealKeys;
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
    ...sumsJobs(connections),
    ...forgettingJobs(connections, retentionDays),
    ...billingJobs({ connections, provider, log }),
    ...milestoneJobs(connections, catalogue),
    ...newsJobs(connections, log, new UnsubscribeLinks(sessionSecrets), {
      secrets: endpointSecrets(encryptionKeys),
      reach: { publicOnly: production },
    }),
    resealJob(connections, log, encryptionKeys),
    ...(mail === undefined ? [] : [mailJob(connections, log, mail)]),
    {
      name: 'ledger.verify',
      cron: '17 3 * * *',
      run: async () => tell(log, await proveAndKeep(connections, sealKeys)),
    },
    {
      name: 'ledger.verify-changed',
      cron: '47 * * * *',
      run: async () => tell(log, await proveChanged(connections)),
    },
    {
      name: 'ledger.seal',
      cron: '*/10 * * * *',
      run: async () => {
        if (sealKey !== undefined) await sealClosedHours(connections.ledgerJobs, sealKey);
      },
    },
  ];
}

/** What is summed up of entries, so that reports need not read them. */
function sumsJobs(connections: Connections): Job[] {
  return [
    {
      // A quarter hour is closed some minutes after its end.
      name: 'ledger.roll-up',
      cron: '7,22,37,52 * * * *',
      run: () => rollUp(connections.ledgerJobs),
    },
    {
      name: 'ledger.keep-books',
      cron: '4,19,34,49 * * * *',
      run: async () => {
        const { time_zone } = await sellerOf(connections.staff);
        await keepBooks(connections.ledgerJobs, time_zone);
      },
    },
  ];
}

function forgettingJobs(connections: Connections, retentionDays: number | undefined): Job[] {
  return [
    {
      // Whoever deletes an account may not see mails: this follows within the hour.
      name: 'people.forget-deleted',
      cron: '27 * * * *',
      run: async () =>
        forgetMailsTo(connections.ledgerJobs, await deletedWithMails(connections.staff)),
    },
    {
      name: 'records.forget',
      cron: '37 2 * * *',
      run: async () => {
        if (retentionDays === undefined) return;
        const before = new Date(Date.now() - retentionDays * DAY_MILLISECONDS);
        await forgetBefore(connections.ledgerJobs, before);
        await forgetEventBodies(connections.app, before);
        await forgetBulkGrantsBefore(connections.app, before);
        await forgetMails(connections.ledgerJobs, before);
      },
    },
  ];
}

/** What the ledger has told goes to alerts and to webhooks in one transaction; neither knows the other. */
function newsJobs(
  { ledgerJobs: db }: Connections,
  log: Logger,
  links: UnsubscribeLinks,
  sending: Pick<Delivering, 'secrets' | 'reach'>,
): Job[] {
  return [
    {
      name: 'webhooks.send',
      every_seconds: 2,
      run: async () => {
        await handOnAll(db, (trx, told) => raiseFrom(trx, told, links));
        await raiseAfterChanges(db, links, handOnAlerts);
        await deliverDue({ db, log, ...sending });
      },
    },
    {
      name: 'ledger.tell-expiring',
      cron: '*/5 * * * *',
      run: () => tellExpiring(db, new Date(Date.now() + EXPIRING_SOON_DAYS * DAY_MILLISECONDS)),
    },
    { name: 'webhooks.forget', cron: '52 2 * * *', run: () => forgetDeliveries(db) },
    ...alertJobs(db, links),
  ];
}

/** What is not told by the ledger when it happens; endpoints are told of it as of all alerts. */
function alertJobs(db: Db, links: UnsubscribeLinks): Job[] {
  return [
    {
      // After the quarter hour was rolled up.
      name: 'alerts.look-at-usage',
      cron: '10,25,40,55 * * * *',
      run: () => lookAtUsage(db, links, handOnAlerts),
    },
    {
      name: 'alerts.tell-of-expiring',
      cron: '*/5 * * * *',
      run: () => tellOfExpiring(db, links, handOnAlerts),
    },
    {
      // Billing and alerts know nothing of each other.
      name: 'alerts.tell-of-paying',
      cron: '*/5 * * * *',
      run: async () => raiseAboutPaying(db, await topUpTroubles(db), links, handOnAlerts),
    },
    { name: 'alerts.forget', cron: '57 2 * * *', run: () => forgetAlerts(db) },
  ];
}

/**
 * At night: by then all processes know a key that was added, and no older version, which wants the
 * secrets of endpoints plain, runs beside this one.
 */
function resealJob(connections: Connections, log: Logger, keys: readonly string[]): Job {
  return {
    name: 'secrets.reseal',
    cron: '23 2 * * *',
    run: async () => {
      const { unreadable } = await resealAll(connections, keys);
      if (unreadable > 0) log.error({ unreadable }, 'ENCRYPTION_KEY does not open some secrets');
    },
  };
}

/** How mails leave this process; undefined when they do not. */
export function mailServerOf(
  { mail, seller }: Pick<Config, 'mail' | 'seller'>,
  baseUrl: string,
): MailServer | undefined {
  return mail === undefined ? undefined : { ...mail, letterhead: { seller, baseUrl } };
}

function mailJob({ ledgerJobs: db }: Connections, log: Logger, server: MailServer): Job {
  return { name: 'mail.send', every_seconds: 2, run: () => sendDue(db, server, log) };
}

/** One line for each violation, up to a number that a person can read, and one for all of them. */
function tell(log: Logger, violations: readonly Violation[]): void {
  for (const violation of violations.slice(0, TOLD_MAX)) {
    log.fatal({ violation }, 'the ledger does not add up');
  }
  if (violations.length === 0) log.info('the ledger adds up');
  else log.fatal({ violations: violations.length }, 'the ledger does not add up');
}
