import type Stripe from 'stripe';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import {
  checkoutSessionAsyncPaymentFailed,
  checkoutSessionExpired,
} from './events/checkout-session-closed.ts';
import { checkoutSessionCompleted } from './events/checkout-session-completed.ts';
import type { EventResult } from './events/event.ts';
import { type Payment, findPayment, lockPayment } from './orders.ts';
import type { PaymentProvider } from './provider.ts';

/**
 * Checks that a webhook's body is Stripe's, with each secret that is valid now.
 * @throws AppError 400 `signature_invalid`
 */
export function verifiedEvent(
  provider: Exclude<PaymentProvider, { mode: 'off' }>,
  body: Buffer,
  signature: string | undefined,
): Stripe.Event {
  for (const secret of provider.webhookSecrets) {
    try {
      return provider.stripe.webhooks.constructEvent(body, signature ?? '', secret);
    } catch {
      // Another secret may fit; when none does it is refused below.
    }
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
  const paymentId = paymentIdOf(event);
  const payment =
    paymentId === undefined ? undefined : await findPayment(connections.staff, paymentId);
  if (payment === undefined) {
    await connections.app.transaction().execute(async (trx) => {
      await store(trx, event, { state: 'ignored', note: 'about no payment of ours' });
    });
    return;
  }
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
      body: JSON.stringify(event),
      created_at: new Date(event.created * 1000),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return added !== undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Sessions and payment intents that we asked for carry the payment's id. */
function paymentIdOf(event: Stripe.Event): string | undefined {
  const object = event.data.object;
  const metadata = 'metadata' in object ? object.metadata : undefined;
  const id = metadata?.['scrip_payment'];
  return id !== undefined && UUID.test(id) ? id : undefined;
}
