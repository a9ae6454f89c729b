import { raiseAfterChanges, raiseFrom } from '../../src/alerts/taking.ts';
import { UnsubscribeLinks } from '../../src/alerts/unsubscribe-links.ts';
import { handOnAlerts, handOnAll } from '../../src/webhooks/hand-on.ts';
import type { TestDatabase } from '../support/database.ts';

export const LINKS = new UnsubscribeLinks(['a secret of tests']);

/** What the worker does every few seconds with what the ledger has told. */
export async function handOnNews(
  { connections: { ledgerJobs } }: Pick<TestDatabase, 'connections'>,
  links = LINKS,
): Promise<void> {
  await handOnAll(ledgerJobs, (trx, told) => raiseFrom(trx, told, links));
  await raiseAfterChanges(ledgerJobs, links, handOnAlerts);
}

export interface StoredAlert {
  id: string;
  kind: string;
  subject: string;
  facts: Record<string, unknown>;
  ended_at: Date | null;
}

/** The alerts of a workspace, the oldest first. */
export function alertsOf(
  database: Pick<TestDatabase, 'query'>,
  workspaceId: string,
): Promise<StoredAlert[]> {
  return database.query<StoredAlert & Record<string, unknown>>(
    'select id, kind, subject, facts, ended_at from alerts where workspace_id = $1 order by id',
    [workspaceId],
  );
}

/** The subjects of the mails about alerts that somebody has, the oldest first. */
export async function alertMails(
  database: Pick<TestDatabase, 'query'>,
  address: string,
): Promise<{ subject: string; text: string; unsubscribe_path: string }[]> {
  return database.query(
    `select subject, text, unsubscribe_path from mails
     where to_address = $1 and kind = 'alert.raised' order by id`,
    [address],
  );
}
