import type { Router } from 'express';
import { z } from 'zod';
import type { Context } from './context.ts';
import { readControl } from './control-parameters.ts';
import { authenticateIntent } from './intent-confirmation.ts';
import { findIntent } from './payment-intents.ts';
import { deliveryPlanChange } from './state.ts';

const authenticateShape = z.strictObject({
  succeeds: z.boolean(),
  delivery: deliveryPlanChange.optional(),
});

/** What the banks and the owners of cards do, by the control API. */
export function paymentRoutes(router: Router, context: Context): void {
  router.post('/payment_intents/:id/authenticate', (request, response) => {
    const { succeeds, delivery } = readControl(authenticateShape, request.body);
    const intent = findIntent(context, request.params.id);
    authenticateIntent(context, intent, { succeeds, plan: delivery });
    context.store.save();
    response.json(intent);
  });
}
