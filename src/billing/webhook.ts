import pg from 'pg';
import type Stripe from 'stripe';
import { z } from 'zod';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import {
  checkoutSessionAsyncPaymentFailed,
  checkoutSessionExpired,
} from './events/checkout-session-closed.ts';
import { checkoutSessionCompleted } from './events/checkout-session-completed.ts';
import type { EventResult } from './events/event.ts';
import { type Payment, findPayment, findPaymentByIntent, lockPayment } from './orders.ts';
import type { PaymentProvider } from './provider.ts';

/**
 * Checks that a webhook's body is Stripe's, with each secret that is valid now.
 * @throws AppError 400 `signature_invalid`, `event_malformed`
 */
export function verifiedEvent(
  provider: Exclude<PaymentProvider, { mode: 'off' }>,
  body: Buffer,
  signature: string | undefined,
): Stripe.Event {
  for (const secret of provider.webhookSecrets) {
    let event: Stripe.Event;
    try {
      event = provider.stripe.webhooks.constructEvent(body, signature ?? '', secret);
    } catch {
      // Another secret may fit; when none does it is refused below.
      continue;
    }
    if (EventShape.safeParse(event).success) return event;
    throw new AppError(400, 'event_malformed', 'The body is no event. Nothing was stored.');
  }
  throw new AppError(400, 'signature_invalid', 'The signature does not fit. Nothing was stored.');
}

/**
 * Stores an event and its effect in one transaction, or throws so that Stripe sends it again. An
 * event that is here already, also one that is being handled at this moment, has no second effect.
 */
export async function receiveEvent(
  connections: Connections,
  livemode: boolean,
  event: Stripe.Event,
): Promise<void> {
  const payment = await paymentOf(connections, event);
  if (payment === undefined) {
    await connections.app.transaction().execute(async (trx) => {
      await store(trx, event, { state: 'ignored', note: 'about no payment of ours' });
    });
    return;
  }
  try {
    await takeIn(connections, livemode, event, payment);
  } catch (error) {
    const clash = clashOf(error);
    if (clash === undefined) throw error;
    await connections.app.transaction().execute(async (trx) => {
      await store(trx, event, { state: 'flagged', note: clash }, payment.id);
    });
  }
}

async function takeIn(
  connections: Connections,
  livemode: boolean,
  event: Stripe.Event,
  payment: Payment,
): Promise<void> {
  await inWorkspace(connections.app, payment.workspace_id, async (trx) => {
    const locked = await lockPayment(trx, payment.id);
    if (locked === undefined) throw new Error(`payment ${payment.id} has gone`);
    // Storing comes first: a second delivery waits here for the first and then finds it done.
    if (!(await store(trx, event, { state: 'done' }, payment.id))) return;
    const result = await handle(trx, event, locked, livemode);
    await trx
      .updateTable('stripe_events')
      .set({ state: result.state, note: result.note ?? null })
      .where('id', '=', event.id)
      .execute();
  });
}

/** What Stripe says was paid belongs to another payment already: somebody has to look. */
function clashOf(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== '23505') return undefined;
  switch (error.constraint) {
    case 'payments_have_one_checkout_session':
      return 'the session belongs to another payment';
    case 'payments_have_one_payment_intent':
      return 'the payment intent belongs to another payment';
    default:
      return undefined;
  }
}

async function handle(
  trx: Trx,
  event: Stripe.Event,
  payment: Payment,
  livemode: boolean,
): Promise<EventResult> {
  if (event.livemode !== payment.livemode || event.livemode !== livemode) {
    return { state: 'flagged', note: 'live and test are mixed up' };
  }
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return checkoutSessionCompleted(trx, event, payment);
    case 'checkout.session.async_payment_failed':
      return checkoutSessionAsyncPaymentFailed(trx, event, payment);
    case 'checkout.session.expired':
      return checkoutSessionExpired(trx, event, payment);
    case 'charge.refunded':
    case 'charge.dispute.created':
    case 'charge.dispute.closed':
      // Money that went back, and credits that did not: until that is done by itself, somebody looks.
      return { state: 'flagged', note: `${event.type}: take the credits back by hand` };
    default:
      return { state: 'ignored', note: 'nothing to do for this type' };
  }
}

/** Whether the event was new. */
async function store(
  trx: Trx,
  event: Stripe.Event,
  result: EventResult,
  paymentId?: string,
): Promise<boolean> {
  const added = await trx
    .insertInto('stripe_events')
    .values({
      id: event.id,
      type: event.type,
      livemode: event.livemode,
      object_id: 'id' in event.data.object ? event.data.object.id : null,
      payment_id: paymentId ?? null,
      state: result.state,
      note: result.note ?? null,
      body: storable(event),
      created_at: new Date(event.created * 1000),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return added !== undefined;
}

/** A zero byte is the one character that jsonb cannot hold. */
function storable(event: Stripe.Event): string {
  return JSON.stringify(event, (_name, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '') : value,
  );
}

/**
 * The payment that an event is about. Sessions and payment intents that we asked for carry its id;
 * a dispute carries the payment intent only.
 */
async function paymentOf(
  connections: Connections,
  event: Stripe.Event,
): Promise<Payment | undefined> {
  const { metadata, payment_intent } = About.parse(event.data.object);
  if (metadata?.scrip_payment !== undefined) {
    return findPayment(connections.staff, metadata.scrip_payment);
  }
  const intent = typeof payment_intent === 'string' ? payment_intent : payment_intent?.id;
  return intent === undefined ? undefined : findPaymentByIntent(connections.staff, intent);
}

const About = z.object({
  metadata: z
    .object({ scrip_payment: z.uuid().optional().catch(undefined) })
    .nullish()
    .catch(undefined),
  payment_intent: z
    .union([z.string(), z.object({ id: z.string() })])
    .nullish()
    .catch(undefined),
});

/** What the rest of this file relies on; a signed body that is something else is no event. */
const EventShape = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  livemode: z.boolean(),
  created: z.number(),
  data: z.looseObject({ object: z.looseObject({}) }),
});
