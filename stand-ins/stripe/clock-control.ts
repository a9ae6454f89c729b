import type { Router } from 'express';
import { z } from 'zod';
import { nowSeconds, realSeconds } from './clock.ts';
import type { Context } from './context.ts';
import type { EventNews } from './events.ts';
import { StripeError } from './errors.ts';
import { readControl } from './control-parameters.ts';
import { deliveryPlanChange } from './state.ts';
import { runDue } from './subscriptions/renewals.ts';

const YEARS_MAX = 20;

const delivery = deliveryPlanChange.optional();
const clockShape = z.union([
  z.strictObject({ advance_seconds: z.int().min(0), delivery }),
  /** Unix time in seconds. */
  z.strictObject({ to: z.int(), delivery }),
]);

/** The control API's clock: where it stands, and moving it forward. */
export function clockRoutes(router: Router, context: Context): void {
  router.get('/clock', (_request, response) => void response.json(clockNow(context)));
  router.post('/clock', (request, response) => {
    const order = readControl(clockShape, request.body);
    const now = nowSeconds();
    const to = 'to' in order ? order.to : now + order.advance_seconds;
    moveClock(context, to, { plan: order.delivery });
    context.store.save();
    response.json(clockNow(context));
  });
}

/** Lets everything happen that is due until then, in order. The caller saves. */
export function moveClock(context: Context, to: number, event: EventNews): void {
  const now = nowSeconds();
  if (to < now) throw new StripeError({ status: 400, message: 'The clock moves forward only.' });
  if (to > realSeconds() + YEARS_MAX * 366 * 24 * 3600) {
    const message = `The clock moves up to ${YEARS_MAX} years ahead.`;
    throw new StripeError({ status: 400, message });
  }
  runDue(context, to, event);
  context.store.clock.offset_seconds = to - realSeconds();
}

function clockNow({ store }: Context): object {
  return { now: nowSeconds(), offset_seconds: store.clock.offset_seconds };
}
