import { z } from 'zod';
import { nowSeconds, type Context } from './context.ts';
import { missingResource } from './errors.ts';
import { newId } from './identifiers.ts';
import { page, type List } from './lists.ts';
import { boolean, expand, listShape, text } from './parameters.ts';
import { API_VERSION, type DeliveryPlanChange, type StripeEvent } from './state.ts';

export const eventRetrieveParameters = z.strictObject({ expand });

export const eventListParameters = z.strictObject({
  ...listShape,
  delivery_success: boolean.optional(),
  type: text().optional(),
  types: z.array(text()).max(20).optional(),
});

export interface EventRequest {
  id: string | null;
  idempotency_key: string | null;
}

/** Which request caused an event, and how its webhook comes. */
export interface EventNews {
  request?: EventRequest | undefined;
  plan?: DeliveryPlanChange | undefined;
}

export interface NewEvent extends EventNews {
  type: string;
  object: object;
  /** What changed, as it was before. */
  previous_attributes?: object | undefined;
  livemode?: boolean;
}

/** Records an event with the object as it is now and plans its webhook. The caller saves. */
export function emitEvent(context: Context, news: NewEvent): StripeEvent {
  const event: StripeEvent = {
    id: newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: nowSeconds(),
    data: structuredClone({
      object: news.object,
      ...(news.previous_attributes && { previous_attributes: news.previous_attributes }),
    }),
    livemode: news.livemode ?? false,
    pending_webhooks: 1,
    request: news.request ?? { id: null, idempotency_key: null },
    type: news.type,
  };
  context.store.events.set(event.id, event);
  const { settings } = context.store;
  context.queue.enqueue(event, {
    delay_ms: news.plan?.delay_ms ?? settings.delay_ms,
    copies: news.plan?.copies ?? settings.copies,
    hold: news.plan?.hold ?? settings.hold,
  });
  return event;
}

/** An event by its id; throws a 404 StripeError. */
export function retrieveEvent(context: Context, id: string): StripeEvent {
  const event = context.store.events.get(id);
  if (event === undefined) throw missingResource('event', id);
  return present(context, event);
}

/** Events, the newest first. */
export function listEvents(
  context: Context,
  parameters: z.output<typeof eventListParameters>,
): List<StripeEvent> {
  const events = [...context.store.events.values()]
    .filter((event) => isType(event.type, parameters))
    .map((event) => present(context, event))
    .filter(
      (event) =>
        parameters.delivery_success === undefined ||
        parameters.delivery_success === (event.pending_webhooks === 0),
    );
  return page(events, parameters, { url: '/v1/events', kind: 'event' });
}

function isType(type: string, parameters: z.output<typeof eventListParameters>): boolean {
  const wanted = [...(parameters.types ?? []), ...(parameters.type ? [parameters.type] : [])];
  return (
    wanted.length === 0 ||
    wanted.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type))
  );
}

function present(context: Context, event: StripeEvent): StripeEvent {
  const waiting = context.queue.of(event.id).filter((one) => one.state !== 'delivered');
  return { ...event, pending_webhooks: waiting.length };
}
