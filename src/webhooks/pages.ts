import { markOf, walletIdOf } from '../ledger/wallets.ts';
import type { Db, Trx } from '../lib/database.ts';
import { KEPT_DAYS, type Delivery, deliveriesOf, findDelivery } from './deliveries.ts';
import { type Endpoint, endpointsOf, findEndpoint } from './endpoints.ts';
import { EVENT_MEANINGS, EVENT_TYPES } from './events.ts';

const DELIVERIES = 50;

/** A word for how it is, and how good that is: a tag of the stylesheet. */
interface State {
  word: string;
  tag: '' | 'ok' | 'warn' | 'bad';
}

/** What the list of endpoints shows, and the forms beside it. */
export async function listPage(trx: Trx, workspaceId: string) {
  const mark = await markOf(trx, await walletIdOf(trx, workspaceId));
  const endpoints = await endpointsOf(trx, workspaceId);
  return {
    endpoints: endpoints.map(shownEndpoint),
    events: EVENT_TYPES.map((type) => ({ type, meaning: EVENT_MEANINGS[type] })),
    mark_micro: mark ?? undefined,
  };
}

/** An endpoint with its newest deliveries, or with those before one; undefined when it is none. */
export async function endpointPage(trx: Trx, id: string, before: string | undefined) {
  const endpoint = await findEndpoint(trx, id);
  if (endpoint === undefined) return undefined;
  const found = await deliveriesOf(trx, id, { before, limit: DELIVERIES + 1 });
  const deliveries = found.slice(0, DELIVERIES);
  return {
    endpoint: shownEndpoint(endpoint),
    deliveries: deliveries.map((one) => shownDelivery(one, endpoint)),
    older: found.length > DELIVERIES ? deliveries.at(-1)?.id : undefined,
    newest: before === undefined,
    kept_days: KEPT_DAYS,
  };
}

/** One delivery, with what was sent and what was answered; undefined when it is none. */
export async function deliveryPage(trx: Db, endpointId: string, id: string) {
  const endpoint = await findEndpoint(trx, endpointId);
  const delivery = await findDelivery(trx, endpointId, id);
  if (endpoint === undefined || delivery === undefined) return undefined;
  const { body, answer } = delivery;
  const shown = shownDelivery(delivery, endpoint);
  return {
    endpoint: shownEndpoint(endpoint),
    delivery: { ...shown, answer: answer ?? undefined },
    body: JSON.stringify(JSON.parse(body), null, 2),
    refresh: shown.waits && endpoint.paused_at === null,
  };
}

function shownEndpoint(endpoint: Endpoint) {
  const { failing_since, paused_at, paused_reason, ...rest } = endpoint;
  return {
    ...rest,
    host: new URL(endpoint.url).host,
    failing_since: failing_since ?? undefined,
    paused_at: paused_at ?? undefined,
    paused_reason: paused_reason ?? undefined,
    state: stateOf(endpoint),
  };
}

function stateOf({ paused_reason, failures }: Endpoint): State {
  if (paused_reason === 'by_hand') return { word: 'Paused', tag: '' };
  if (paused_reason !== null) return { word: 'Paused after failures', tag: 'bad' };
  return failures > 0 ? { word: 'Failing', tag: 'warn' } : { word: 'On', tag: 'ok' };
}

function shownDelivery(delivery: Delivery, { paused_at }: Endpoint) {
  const { id, message_id, type, created_at, attempts } = delivery;
  const { attempted_at, next_attempt_at, delivered_at } = delivery;
  return {
    ...{ id, message_id, type, created_at, attempts },
    attempted_at: attempted_at ?? undefined,
    next_attempt_at: next_attempt_at ?? undefined,
    delivered_at: delivered_at ?? undefined,
    came: cameOf(delivery),
    waits: attempts === 0 && next_attempt_at !== null,
    state: deliveryState(delivery, paused_at !== null),
  };
}

export function deliveryState(
  { delivered_at, next_attempt_at, attempts }: Delivery,
  isPaused: boolean,
): State {
  if (delivered_at !== null) return { word: 'Delivered', tag: 'ok' };
  if (next_attempt_at === null) return { word: 'Given up', tag: 'bad' };
  return attempts === 0 || isPaused
    ? { word: 'Waiting', tag: '' }
    : { word: 'Is tried again', tag: 'warn' };
}

/** What came of the last attempt; undefined before the first one was over. */
function cameOf({ status, error }: Delivery): string | undefined {
  return status === null ? (error ?? undefined) : `Answered ${status}`;
}
