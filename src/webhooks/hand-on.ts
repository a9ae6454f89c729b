import { sql } from 'kysely';
import { type OutboxMessage, takeFromOutbox } from '../ledger/outbox.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { newMessageId } from './deliveries.ts';
import { type Message, type RaisedNews, messageOfAlert, messagesOf } from './events.ts';

const TAKEN_MAX = 200;
const INSERTED_MAX = 1_000;

interface Listener {
  id: string;
  workspace_id: string | null;
  livemode: boolean;
  events: string[];
}

/** What somebody makes of the same messages, in the transaction that takes them. */
export type AlsoTold = (trx: Trx, told: readonly OutboxMessage[]) => Promise<readonly RaisedNews[]>;

/**
 * Turns what is in the ledger's outbox into deliveries, for every endpoint that wants to hear of it,
 * in one transaction with taking it: nothing is told twice or forgotten. What nobody listens to is
 * dropped. Several at once are safe.
 * @param db as the ledger
 * @param raise what the messages mean besides, which endpoints are told too
 */
export async function handOnAll(
  db: Db,
  raise: AlsoTold = () => Promise.resolve([]),
): Promise<void> {
  while ((await handOn(db, raise)) === TAKEN_MAX) {
    // As long as the outbox gives as much as it may.
  }
}

async function handOn(db: Db, raise: AlsoTold): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const told = await takeFromOutbox(trx, TAKEN_MAX);
    if (told.length === 0) return 0;
    const raised = await raise(trx, told);
    await deliver(trx, [
      ...told.map((one) => ({ ...one, messages: () => messagesOf(one) })),
      ...raised.map((one) => ({ ...one, messages: () => messageOfAlert(one) })),
    ]);
    return told.length;
  });
}

/** Tells endpoints of alerts, in the transaction that raised them. */
export async function handOnAlerts(trx: Trx, raised: readonly RaisedNews[]): Promise<void> {
  await deliver(
    trx,
    raised.map((one) => ({ ...one, messages: () => messageOfAlert(one) })),
  );
}

interface News {
  workspace_id: string;
  livemode: boolean;
  messages: () => Message[];
}

async function deliver(trx: Trx, news: readonly News[]): Promise<void> {
  if (news.length === 0) return;
  const listeners = await listenersTo(trx, news);
  const rows = news.flatMap((one) => deliveriesFor(one, listeners));
  for (let start = 0; start < rows.length; start += INSERTED_MAX) {
    await trx
      .insertInto('webhook_deliveries')
      .values(rows.slice(start, start + INSERTED_MAX))
      .execute();
  }
}

/** They stay as long as this transaction, so that none is removed under its deliveries. */
async function listenersTo(trx: Trx, news: readonly News[]): Promise<Listener[]> {
  const ids = [...new Set(news.map(({ workspace_id }) => workspace_id))];
  return trx
    .selectFrom('webhook_endpoints')
    .select(['id', 'workspace_id', 'livemode', 'events'])
    .where((where) =>
      where.or([where('workspace_id', 'is', null), where('workspace_id', 'in', ids)]),
    )
    .forKeyShare()
    .execute();
}

function deliveriesFor(told: News, listeners: readonly Listener[]) {
  const listening = listeners.filter(
    ({ workspace_id, livemode }) =>
      livemode === told.livemode && (workspace_id === null || workspace_id === told.workspace_id),
  );
  if (listening.length === 0) return [];
  return told.messages().flatMap(({ type, body }) => {
    const message_id = newMessageId();
    return listening
      .filter(({ events }) => events.some((event) => event === type))
      .map(({ id: endpoint_id, workspace_id }) => ({
        ...{ id: newId(), endpoint_id, workspace_id, message_id, type, body },
        next_attempt_at: sql<Date>`now()`,
      }));
  });
}
