import { json, Router } from 'express';
import { z } from 'zod';
import { expireSession, findCheckout } from './checkout-sessions.ts';
import { clockRoutes } from './clock-control.ts';
import type { Context } from './context.ts';
import { readControl } from './control-parameters.ts';
import { missingResource, StripeError } from './errors.ts';
import { deliver, DELIVERY_MODE } from './delivery-modes.ts';
import { emitEvent } from './events.ts';
import { faultShape } from './faults.ts';
import { paymentRoutes } from './payment-control.ts';
import { declineSession, payLater, paySession, settleSession } from './payments.ts';
import { deliveryPlanChange, settingsShape, type StripeEvent } from './state.ts';
import { taxIdParameters } from './tax-id-types.ts';
import { CARD_NAMES, cardNamed } from './test-cards.ts';
import { subscriptionRoutes } from './subscriptions/subscription-control.ts';

const mode = z
  .string()
  .regex(DELIVERY_MODE, {
    error: 'Use once, twice, parallel:N, distinct:N, nosig, wrongsecret, altered or old',
  })
  .default('once');

const deliverShape = z.strictObject({ mode });
const orderShape = z.strictObject({
  events: z.array(z.union([z.string(), z.int()])).min(1),
  mode,
});
const planShape = z.strictObject({ delivery: deliveryPlanChange.optional() });
const card = z.enum(CARD_NAMES).transform(cardNamed).optional();
const declineShape = planShape.extend({ card });
const buyer = z
  .strictObject({
    name: z.string().optional(),
    address: z
      .strictObject({ country: z.string().length(2), postal_code: z.string().optional() })
      .optional(),
    tax_id: taxIdParameters.optional(),
  })
  .optional();
const payShape = declineShape.extend({ buyer, later: z.boolean().default(false) });
const settleShape = planShape.extend({ succeeds: z.boolean() });
const newEventShape = planShape.extend({
  type: z.string().min(1),
  object: z.looseObject({ id: z.string(), object: z.string() }),
  livemode: z.boolean().default(false),
});

/** The JSON API for tests and operators: settings, events and their deliveries, sessions, faults, the clock. */
export function controlRouter(context: Context): Router {
  const router = Router();
  router.use((request, _response, next) => {
    // A page of another origin can send a form or plain text without asking, but not JSON.
    if (request.method !== 'GET' && request.is('application/json') !== 'application/json') {
      throw new StripeError({
        status: 415,
        message: 'The control API takes application/json only.',
      });
    }
    next();
  });
  router.use(json({ limit: '1mb' }));
  settingRoutes(router, context);
  eventRoutes(router, context);
  sessionRoutes(router, context);
  paymentRoutes(router, context);
  clockRoutes(router, context);
  subscriptionRoutes(router, context);
  return router;
}

function settingRoutes(router: Router, context: Context): void {
  const { store, faults } = context;
  router.get('/settings', (_request, response) => void response.json(store.settings));
  router.post('/settings', (request, response) => {
    const change = readControl(settingsShape.partial(), request.body);
    store.settings = settingsShape.parse({ ...store.settings, ...change });
    store.save();
    response.json(store.settings);
  });
  router.get('/faults', (_request, response) => void response.json(faults.list()));
  router.post('/faults', (request, response) => {
    faults.order(readControl(faultShape, request.body));
    response.json(faults.list());
  });
  router.delete('/faults', (_request, response) => {
    faults.clear();
    response.json([]);
  });
}

function eventRoutes(router: Router, context: Context): void {
  router.get('/events', (_request, response) => {
    const events = [...context.store.events.values()];
    response.json(events.map((event, index) => summary(context, event, index + 1)));
  });
  router.post('/events', (request, response) => {
    const { delivery, ...news } = readControl(newEventShape, request.body);
    const event = emitEvent(context, { ...news, plan: delivery });
    context.store.save();
    response.json(event);
  });
  router.get('/events/:id', (request, response) => {
    const event = findEvent(context, request.params.id);
    response.json({ ...summary(context, event), event });
  });
  router.post('/events/:id/deliver', async (request, response) => {
    const event = findEvent(context, request.params.id);
    response.json(await deliver(context, event, readControl(deliverShape, request.body).mode));
  });
  router.post('/deliver', async (request, response) => {
    const order = readControl(orderShape, request.body);
    const events = order.events.map((id) => findEvent(context, String(id)));
    const sent = [];
    for (const event of events) sent.push(...(await deliver(context, event, order.mode)));
    response.json(sent);
  });
}

function sessionRoutes(router: Router, context: Context): void {
  router.get('/sessions', (_request, response) => {
    response.json([...context.store.checkouts.values()].map(({ session }) => session));
  });
  router.post('/sessions/:id/pay', (request, response) => {
    const { buyer: whoever, card: chosen, later, delivery } = readControl(payShape, request.body);
    const pay = later ? payLater : paySession;
    const payment = { buyer: whoever, card: chosen, plan: delivery };
    response.json(pay(context, request.params.id, payment).session);
  });
  router.post('/sessions/:id/settle', (request, response) => {
    const { succeeds, delivery } = readControl(settleShape, request.body);
    const plan = { succeeds, plan: delivery };
    response.json(settleSession(context, request.params.id, plan).session);
  });
  router.post('/sessions/:id/decline', (request, response) => {
    const { card: chosen, delivery } = readControl(declineShape, request.body);
    const payment = { card: chosen, plan: delivery };
    response.json(declineSession(context, request.params.id, payment).session);
  });
  router.post('/sessions/:id/expire', (request, response) => {
    const { delivery } = readControl(planShape, request.body);
    expireSession(context, request.params.id, undefined, delivery);
    context.store.save();
    response.json(findCheckout(context, request.params.id).session);
  });
}

function summary(context: Context, event: StripeEvent, number?: number): object {
  const { id } = z.looseObject({ id: z.string() }).parse(event.data.object);
  return {
    ...(number !== undefined && { number }),
    id: event.id,
    type: event.type,
    created: event.created,
    object_id: id,
    deliveries: context.queue.of(event.id),
  };
}

/** An event by its id, or by its number: 1 is the first one made. */
function findEvent({ store }: Context, id: string): StripeEvent {
  const byNumber = /^\d+$/.test(id) ? [...store.events.values()][Number(id) - 1] : undefined;
  const event = store.events.get(id) ?? byNumber;
  if (event === undefined) throw missingResource('event', id);
  return event;
}
