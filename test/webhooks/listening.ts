import type { Ledger } from '../../src/ledger/ledger.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { createLog } from '../../src/lib/log.ts';
import { deliverDue } from '../../src/webhooks/deliver.ts';
import { type By, addEndpoint } from '../../src/webhooks/endpoints.ts';
import { EVENT_TYPES } from '../../src/webhooks/events.ts';
import { handOnAll } from '../../src/webhooks/hand-on.ts';
import { endpointSecrets } from '../../src/webhooks/secrets.ts';
import type { Reach } from '../../src/webhooks/send.ts';
import { ENCRYPTION_KEYS, type TestDatabase } from '../support/database.ts';
import type { Receiver } from '../support/receiver.ts';
import { type TestWallet, fundedWallet } from '../support/wallets.ts';

export const ANYWHERE: Reach = { publicOnly: false };

export const secrets = endpointSecrets(ENCRYPTION_KEYS);

/** An endpoint of a workspace, or of the seller, at a receiver. */
export async function addedEndpoint(
  { connections: { app } }: Pick<TestDatabase, 'connections'>,
  workspace_id: string | null,
  { url }: Pick<Receiver, 'url'>,
  more: { events?: readonly string[]; livemode?: boolean } = {},
): Promise<{ id: string; secret: string }> {
  const by: By = { workspace_id, actor: { kind: 'system' } };
  const endpoint = { url, events: EVENT_TYPES, livemode: true, ...more };
  const added =
    workspace_id === null
      ? await app.transaction().execute((trx) => addEndpoint(trx, endpoint, by, secrets))
      : await inWorkspace(app, workspace_id, (trx) => addEndpoint(trx, endpoint, by, secrets));
  if (typeof added === 'string') throw new Error(added);
  return added;
}

/** What the worker does every few seconds. */
export async function send(
  { connections }: Pick<TestDatabase, 'connections'>,
  reach = ANYWHERE,
): Promise<void> {
  const db = connections.ledgerJobs;
  await handOnAll(db);
  await deliverDue({ db, secrets, reach, log: createLog('silent') });
}

/** A wallet of so many credits, of which everything so far was told to nobody. */
export async function quietWallet(
  database: TestDatabase,
  ledger: Ledger,
  credits: bigint,
): Promise<TestWallet> {
  const wallet = await fundedWallet(database, ledger, credits);
  await handOnAll(database.connections.ledgerJobs);
  return wallet;
}

/** As if the time had come at which the next attempts are made. */
export async function whenDue(database: TestDatabase, endpointId: string): Promise<void> {
  await database.query(
    `update webhook_deliveries set next_attempt_at = now()
     where endpoint_id = $1 and next_attempt_at is not null`,
    [endpointId],
  );
}
