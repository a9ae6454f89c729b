import type { Router } from 'express';
import type { Context } from '../context.ts';
import { readControl } from '../control-parameters.ts';
import { forcedShape } from './objects.ts';
import { findSubscription } from './subscriptions.ts';

/** The control API's say in what is paid for subscriptions, whatever their cards. */
export function subscriptionRoutes(router: Router, context: Context): void {
  const { store } = context;
  router.get('/subscriptions', (_request, response) => {
    response.json([...store.subscriptions.values()]);
  });
  router.post('/subscriptions/:id/next_payments', (request, response) => {
    const record = findSubscription(context, request.params.id);
    record.forced = readControl(forcedShape, request.body);
    store.save();
    response.json(record);
  });
  router.delete('/subscriptions/:id/next_payments', (request, response) => {
    const record = findSubscription(context, request.params.id);
    record.forced = null;
    store.save();
    response.json(record);
  });
}
