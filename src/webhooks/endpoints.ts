import { sql } from 'kysely';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Database, Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import type { SecretBox } from '../lib/secret-box.ts';
import { newSecret } from './signatures.ts';

/** How long the secret before the last one signs too. */
export const PREVIOUS_SECRET_HOURS = 24;
/** A workspace's messages are written once for each of its endpoints. */
const ENDPOINTS_MAX = 20;

type PauseReason = NonNullable<Database['webhook_endpoints']['paused_reason']>;

/** Where messages go, without the secret that signs them. */
export interface Endpoint {
  id: string;
  url: string;
  events: string[];
  livemode: boolean;
  created_at: Date;
  /** Attempts in a row that were not answered with success. */
  failures: number;
  failing_since: Date | null;
  paused_at: Date | null;
  paused_reason: PauseReason | null;
}

/** Who changes an endpoint, of which workspace: null is the seller, whose endpoints hear of all wallets. */
export interface By {
  workspace_id: string | null;
  actor: Actor;
  origin?: Origin;
}

const SHOWN = [
  'id',
  'url',
  'events',
  'livemode',
  'created_at',
  'failures',
  'failing_since',
  'paused_at',
  'paused_reason',
] as const;

/**
 * Adds an endpoint and returns its secret, this once. The transaction names the workspace, or none for
 * the seller's; the same URL twice, and too many, are refused.
 */
export async function addEndpoint(
  trx: Trx,
  endpoint: { url: string; events: readonly string[]; livemode: boolean },
  by: By,
  secrets: SecretBox,
): Promise<{ id: string; secret: string } | 'there_already' | 'too_many'> {
  const known = await endpointsOf(trx, by.workspace_id);
  if (known.length >= ENDPOINTS_MAX) return 'too_many';
  const { url, livemode } = endpoint;
  const [id, secret] = [newId(), newSecret()];
  const created_by = by.actor.kind === 'person' ? by.actor.id : null;
  const added = await trx
    .insertInto('webhook_endpoints')
    .values({
      ...{ id, url, livemode, secret: secrets.seal(secret, id), created_by },
      workspace_id: by.workspace_id,
      events: [...endpoint.events],
    })
    .onConflict((conflict) =>
      conflict.constraint('webhook_endpoints_have_one_url_each').doNothing(),
    )
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return 'there_already';
  await tell(trx, 'added', id, by, { url, livemode, events: endpoint.events });
  return { id, secret };
}

/** Those that the transaction sees and that belong to the workspace, or to the seller; oldest first. */
export async function endpointsOf(db: Db, workspaceId: string | null): Promise<Endpoint[]> {
  return db
    .selectFrom('webhook_endpoints')
    .select(SHOWN)
    .where('workspace_id', workspaceId === null ? 'is' : '=', workspaceId)
    .orderBy('id')
    .execute();
}

export async function findEndpoint(db: Db, id: string): Promise<Endpoint | undefined> {
  return db.selectFrom('webhook_endpoints').select(SHOWN).where('id', '=', id).executeTakeFirst();
}

/** A new secret, this once. The one before signs too for a day, so that nothing is refused meanwhile. */
export async function rollSecret(
  trx: Trx,
  id: string,
  by: By,
  secrets: SecretBox,
): Promise<string | undefined> {
  const secret = newSecret();
  const rolled = await trx
    .updateTable('webhook_endpoints')
    .set({
      secret: secrets.seal(secret, id),
      previous_secret: sql`secret`,
      previous_secret_until: sql`now() + ${PREVIOUS_SECRET_HOURS} * interval '1 hour'`,
    })
    .where('id', '=', id)
    .executeTakeFirst();
  if (rolled.numUpdatedRows === 0n) return undefined;
  await tell(trx, 'secret_rolled', id, by);
  return secret;
}

/** Nothing is sent until it is resumed; what there is to tell waits. False: there is no such endpoint. */
export async function pauseEndpoint(trx: Trx, id: string, by: By): Promise<boolean> {
  const paused = await trx
    .updateTable('webhook_endpoints')
    .set({ paused_at: sql`now()`, paused_reason: 'by_hand' })
    .where('id', '=', id)
    .where('paused_at', 'is', null)
    .executeTakeFirst();
  if (paused.numUpdatedRows > 0n) await tell(trx, 'paused', id, by);
  return (await findEndpoint(trx, id)) !== undefined;
}

/** What waits is sent, at once. False: there is no such endpoint. */
export async function resumeEndpoint(trx: Trx, id: string, by: By): Promise<boolean> {
  const resumed = await trx
    .updateTable('webhook_endpoints')
    .set({ paused_at: null, paused_reason: null, failures: 0, failing_since: null })
    .where('id', '=', id)
    .where('paused_at', 'is not', null)
    .executeTakeFirst();
  if (resumed.numUpdatedRows === 0n) return (await findEndpoint(trx, id)) !== undefined;
  await trx
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: sql`now()` })
    .where('endpoint_id', '=', id)
    .where('next_attempt_at', 'is not', null)
    .execute();
  await tell(trx, 'resumed', id, by);
  return true;
}

/** Ends an endpoint, with all that was kept of its deliveries. False: there is no such endpoint. */
export async function removeEndpoint(trx: Trx, id: string, by: By): Promise<boolean> {
  const removed = await trx
    .deleteFrom('webhook_endpoints')
    .where('id', '=', id)
    .returning('url')
    .executeTakeFirst();
  if (removed === undefined) return false;
  await tell(trx, 'removed', id, by, { url: removed.url });
  return true;
}

/** Ends all endpoints of a workspace that closes. */
export async function endEndpoints(
  trx: Trx,
  { id: workspace_id }: { id: string },
  { person_id, origin }: { person_id: string; origin: Origin },
): Promise<void> {
  const by: By = { workspace_id, actor: { kind: 'person', id: person_id }, origin };
  for (const { id } of await endpointsOf(trx, workspace_id)) await removeEndpoint(trx, id, by);
}

async function tell(
  trx: Trx,
  what: string,
  id: string,
  { workspace_id, actor, origin }: By,
  after?: Record<string, unknown>,
): Promise<void> {
  await audit(trx, {
    ...(workspace_id === null ? {} : { workspace_id }),
    actor,
    action: `webhook_endpoint.${what}`,
    subject: { kind: 'webhook_endpoint', id },
    ...(after === undefined ? {} : { after }),
    ...(origin === undefined ? {} : { origin }),
  });
}
