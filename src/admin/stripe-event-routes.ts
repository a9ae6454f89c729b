import type { Request } from 'express';
import { z } from 'zod';
import { type PaymentProvider, whileBuyingIsOn } from '../billing/provider.ts';
import { findStripeEvent, stripeEventPage } from '../billing/stripe-events.ts';
import { replayEvent } from '../billing/webhook.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { StaffRoutes } from './staff-routes.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

const STATES = ['done', 'ignored', 'flagged'] as const;
const EventId = z.string().regex(/^[\w-]{1,255}$/);
const ListQuery = z.object({
  state: z.enum(STATES).optional().catch(undefined),
  before: EventId.optional().catch(undefined),
});
const LIST = '/admin/stripe-events';

/** What Stripe has told, and letting it take effect once more; mounted under /admin. */
export function stripeEventRoutes({ connections, provider }: Dependencies): StaffRoutes {
  const routes = new StaffRoutes();

  routes.get('/stripe-events', 'look', async (req, res) => {
    const filter = ListQuery.parse(req.query);
    const { events, older } = await stripeEventPage(connections.staff, filter);
    const state = filter.state === undefined ? '' : `state=${filter.state}&`;
    sendPage(req, res, 'admin/stripe-events', {
      events,
      states: STATES,
      state: filter.state ?? '',
      newest: filter.before === undefined,
      older: older === undefined ? undefined : `${LIST}?${state}before=${older}`,
    });
  });

  routes.get('/stripe-events/:id', 'look', async (req, res) => {
    const event = await findStripeEvent(connections.staff, eventIdIn(req));
    if (event === undefined) throw notFound('event');
    const body = JSON.stringify(event.body, null, 2);
    sendPage(req, res, 'admin/stripe-event', {
      event: { ...event, note: event.note ?? undefined, payment_id: event.payment_id ?? undefined },
      body: body === '{}' ? undefined : body,
      replayed: req.query['replayed'] === '1',
    });
  });

  routes.post('/stripe-events/:id/replay', 'webhooks.replay', async (req, res, { id: person }) => {
    const id = eventIdIn(req);
    const by = { actor: { kind: 'person' as const, id: person }, origin: originOf(req) };
    const result = await replayEvent(connections, whileBuyingIsOn(provider), id, by);
    if (result === undefined) throw notFound('event');
    redirect(req, res, `${LIST}/${id}?replayed=1`);
  });

  return routes;
}

/** @throws AppError 404 for what is no id of Stripe's */
function eventIdIn(req: Request): string {
  const id = EventId.safeParse(req.params['id']);
  if (!id.success) throw notFound('event');
  return id.data;
}
