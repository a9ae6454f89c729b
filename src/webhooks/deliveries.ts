import { sql } from 'kysely';
import { dateOf } from '../core/instant.ts';
import type { EndingWindow } from '../core/periods.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import type { Message } from './events.ts';

/** One message for one endpoint, and what came of sending it. */
export interface Delivery {
  id: string;
  /** The same however often it is sent: a receiver that has seen it can leave it. */
  message_id: string;
  type: string;
  created_at: Date;
  attempts: number;
  attempted_at: Date | null;
  /** Null: it was delivered, or is not tried again by itself. */
  next_attempt_at: Date | null;
  delivered_at: Date | null;
  /** What the endpoint answered last; null when there was no answer. */
  status: number | null;
  error: string | null;
}

const SHOWN = [
  'id',
  'message_id',
  'type',
  'created_at',
  'attempts',
  'attempted_at',
  'next_attempt_at',
  'delivered_at',
  'status',
  'error',
] as const;

/** How long a delivery can be looked at and sent again. */
export const KEPT_DAYS = 30;

export function newMessageId(): string {
  return `msg_${newId()}`;
}

/** Deliveries of an endpoint, the newest first. */
export async function deliveriesOf(
  db: Db,
  endpointId: string,
  page: { before?: string | undefined; limit: number },
): Promise<Delivery[]> {
  const newest = db
    .selectFrom('webhook_deliveries')
    .select(SHOWN)
    .where('endpoint_id', '=', endpointId)
    .orderBy('id', 'desc')
    .limit(page.limit);
  return (page.before === undefined ? newest : newest.where('id', '<', page.before)).execute();
}

/** With what was sent and the beginning of what was answered. */
export async function findDelivery(
  db: Db,
  endpointId: string,
  id: string,
): Promise<(Delivery & { body: string; answer: string | null }) | undefined> {
  return db
    .selectFrom('webhook_deliveries')
    .select([...SHOWN, 'body', 'answer'])
    .where('endpoint_id', '=', endpointId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Sends it again, as a new message would be, with the id that it has. False: there is no such delivery. */
export async function redeliver(trx: Trx, endpointId: string, id: string): Promise<boolean> {
  const again = await trx
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: sql`now()`, attempts: 0, delivered_at: null })
    .where('endpoint_id', '=', endpointId)
    .where('id', '=', id)
    .executeTakeFirst();
  return again.numUpdatedRows > 0n;
}

/** Sends one endpoint a message of its own. Returns the delivery's id. */
export async function addDelivery(
  trx: Trx,
  endpoint: { id: string; workspace_id: string | null },
  { type, body }: Message,
): Promise<string> {
  const id = newId();
  const message_id = newMessageId();
  await trx
    .insertInto('webhook_deliveries')
    .values({
      ...{ id, message_id, type, body },
      ...ownerOf(endpoint),
      next_attempt_at: sql`now()`,
    })
    .execute();
  return id;
}

function ownerOf(endpoint: { id: string; workspace_id: string | null }) {
  return { endpoint_id: endpoint.id, workspace_id: endpoint.workspace_id };
}

/** Forgets what is older than can be looked at, delivered or not. */
export async function forgetDeliveries(db: Db): Promise<void> {
  await db
    .deleteFrom('webhook_deliveries')
    .where('created_at', '<', sql<Date>`now() - ${KEPT_DAYS} * interval '1 day'`)
    .execute();
}

/** Messages to all endpoints that are not there: what is still tried, and what of a window is given up. */
export async function undelivered(db: Db, { starts_at, ends_at }: EndingWindow) {
  const { rows } = await sql<{ waiting: bigint; retried: bigint; given_up: bigint }>`
    select (select count(*) from webhook_deliveries
        where next_attempt_at is not null and attempts = 0) as waiting,
      (select count(*) from webhook_deliveries
        where next_attempt_at is not null and attempts > 0) as retried,
      (select count(*) from webhook_deliveries
        where next_attempt_at is null and delivered_at is null
          and created_at >= ${dateOf(starts_at)} and created_at < ${dateOf(ends_at)}) as given_up`.execute(
    db,
  );
  return rows[0] ?? { waiting: 0n, retried: 0n, given_up: 0n };
}

/** Messages whose time has come, to endpoints that are not paused. */
export interface DueDeliveries {
  due: bigint;
  oldest_due_at: Date | null;
  /** Endpoints that were paused because nothing reached them. */
  paused_endpoints: bigint;
  now: Date;
}

export async function dueDeliveries(db: Db): Promise<DueDeliveries> {
  const { rows } = await sql<DueDeliveries>`
    select count(*) as due, min(d.next_attempt_at) as oldest_due_at, now() as now,
      (select count(*) from webhook_endpoints where paused_reason in ('failing', 'gone'))
        as paused_endpoints
    from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
    where d.next_attempt_at <= now() and e.paused_at is null`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate has no row');
  return row;
}

const PAGE = 50;

/** Messages to the endpoints of all customers and of the seller, the newest first, in pages. */
export async function deliveryList(
  db: Db,
  filter: { undelivered: boolean; before?: string | undefined },
) {
  let query = db
    .selectFrom('webhook_deliveries as d')
    .innerJoin('webhook_endpoints as e', 'e.id', 'd.endpoint_id')
    .leftJoin('workspaces as w', 'w.id', 'd.workspace_id')
    .select(SHOWN.map((name) => `d.${name}` as const))
    .select(['d.endpoint_id', 'd.workspace_id', 'w.name as workspace_name', 'e.url', 'e.paused_at'])
    .orderBy('d.id', 'desc')
    .limit(PAGE + 1);
  if (filter.undelivered) query = query.where('d.delivered_at', 'is', null);
  if (filter.before !== undefined) query = query.where('d.id', '<', filter.before);
  const rows = await query.execute();
  const deliveries = rows.slice(0, PAGE);
  return { deliveries, older: rows.length > PAGE ? deliveries.at(-1)?.id : undefined };
}

/** To whose endpoint a delivery goes: null is the seller's. Undefined: there is no such delivery. */
export async function ownerOfDelivery(db: Db, id: string) {
  return db
    .selectFrom('webhook_deliveries')
    .select(['endpoint_id', 'workspace_id'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Sends again what an endpoint was given up on or failed to take, and says how many. */
export async function redeliverFailed(trx: Trx, endpointId: string): Promise<bigint> {
  const again = await trx
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: sql`now()`, attempts: 0 })
    .where('endpoint_id', '=', endpointId)
    .where('delivered_at', 'is', null)
    .where('attempts', '>', 0)
    .executeTakeFirst();
  return again.numUpdatedRows;
}
