import type { Router } from 'express';
import { z } from 'zod';
import type { Context } from './context.ts';
import { readControl } from './control-parameters.ts';
import {
  chargeMeant,
  DISPUTE_STATUSES,
  findDispute,
  moveDispute,
  openDispute,
} from './disputes.ts';
import { authenticateIntent } from './intent-confirmation.ts';
import { findIntent } from './payment-intents.ts';
import {
  createRefund,
  findRefund,
  REFUND_REASONS,
  REFUND_STATUSES,
  settleRefund,
} from './refunds.ts';
import { deliveryPlanChange } from './state.ts';

const planShape = z.strictObject({ delivery: deliveryPlanChange.optional() });
const authenticateShape = planShape.extend({ succeeds: z.boolean() });
/** One of them names the payment. */
const paymentShape = planShape.extend({
  charge: z.string().optional(),
  payment_intent: z.string().optional(),
  session: z.string().optional(),
  amount: z.int().min(1).optional(),
});
const refundShape = paymentShape.extend({ reason: z.enum(REFUND_REASONS).optional() });
const disputeShape = paymentShape.extend({
  reason: z.string().default('fraudulent'),
  warning: z.boolean().default(false),
});
const settleShape = z.union([
  planShape.extend({ succeeds: z.boolean() }),
  planShape.extend({ status: z.enum(REFUND_STATUSES) }),
]);
const statusShape = planShape.extend({ status: z.enum(DISPUTE_STATUSES) });

/** What the banks and the owners of cards do, by the control API. */
export function paymentRoutes(router: Router, context: Context): void {
  router.post('/payment_intents/:id/authenticate', (request, response) => {
    const { succeeds, delivery } = readControl(authenticateShape, request.body);
    const intent = findIntent(context, request.params.id);
    authenticateIntent(context, intent, { succeeds, plan: delivery });
    context.store.save();
    response.json(intent);
  });
  router.post('/refunds', (request, response) => {
    const { amount, reason, delivery, ...named } = readControl(refundShape, request.body);
    const charge = chargeMeant(context, named).id;
    const refund = createRefund(context, { charge, amount, reason }, { plan: delivery });
    context.store.save();
    response.json(refund);
  });
  router.post('/refunds/:id/settle', (request, response) => {
    const order = readControl(settleShape, request.body);
    const ending = 'status' in order ? order.status : order.succeeds ? 'succeeded' : 'failed';
    const refund = findRefund(context, request.params.id);
    settleRefund(context, refund, ending, { plan: order.delivery });
    context.store.save();
    response.json(refund);
  });
  router.post('/disputes', (request, response) => {
    const { amount, reason, warning, delivery, ...named } = readControl(disputeShape, request.body);
    const charge = chargeMeant(context, named);
    const plan = { plan: delivery };
    const dispute = openDispute(context, { charge, amount, reason, warning }, plan);
    context.store.save();
    response.json(dispute);
  });
  for (const path of ['/disputes/:id/close', '/disputes/:id/update'] as const) {
    router.post(path, (request, response) => {
      const { status, delivery } = readControl(statusShape, request.body);
      const dispute = findDispute(context, request.params.id);
      moveDispute(context, dispute, status, { plan: delivery });
      context.store.save();
      response.json(dispute);
    });
  }
}
