import pg from 'pg';
import { z } from 'zod';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type EventResult, type EventWork, type StripeEvent, contextOf } from './events/event.ts';
import { eventHandlers } from './events/handlers.ts';
import { mixedUp } from './payments/results.ts';
import type { WorkingProvider } from './provider.ts';

/**
 * Checks that a webhook's body is Stripe's, with each secret that is valid now.
 * @throws AppError 400 `signature_invalid`, `event_malformed`
 */
export function verifiedEvent(
  provider: WorkingProvider,
  body: Buffer,
  signature: string | undefined,
): StripeEvent {
  for (const secret of provider.webhookSecrets) {
    let event: StripeEvent;
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
  provider: WorkingProvider,
  event: StripeEvent,
): Promise<void> {
  const work = await workOf(connections, provider, event);
  if ('state' in work) {
    await connections.app.transaction().execute((trx) => store(trx, event, work));
    return;
  }
  const { workspace_id, payment_id } = work;
  try {
    await inWorkspace(connections.app, workspace_id, async (trx) => {
      // Storing comes first: a second delivery waits here for the first and then finds it done.
      if (!(await store(trx, event, { state: 'done' }, payment_id))) return;
      const result = await work.run(trx);
      await trx
        .updateTable('stripe_events')
        .set({ state: result.state, note: result.note ?? null })
        .where('id', '=', event.id)
        .execute();
    });
  } catch (error) {
    const clash = clashOf(error);
    if (clash === undefined) throw error;
    await connections.app.transaction().execute(async (trx) => {
      await store(trx, event, { state: 'flagged', note: clash }, payment_id);
    });
  }
}

/** What is to be done about an event, or what is to be written down of it if nothing is. */
async function workOf(
  connections: Connections,
  provider: WorkingProvider,
  event: StripeEvent,
): Promise<EventWork | EventResult> {
  const handler = eventHandlers.get(event.type);
  if (handler === undefined) return { state: 'ignored', note: 'nothing to do for this type' };
  try {
    const work = await handler(contextOf(connections, provider), event);
    if (work === undefined) return { state: 'ignored', note: 'about nothing of ours' };
    if ('state' in work || event.livemode === provider.livemode) return work;
    const { workspace_id, payment_id } = work;
    const about = payment_id === undefined ? {} : { payment_id };
    return { workspace_id, ...about, run: () => Promise.resolve(mixedUp()) };
  } catch (error) {
    // A signed event that says something else than Stripe documents will not get better by itself.
    if (!(error instanceof z.ZodError)) throw error;
    return { state: 'flagged', note: `not as Stripe documents it: ${z.prettifyError(error)}` };
  }
}

/** What Stripe says was paid belongs to another payment already: somebody has to look. */
export function clashOf(error: unknown): string | undefined {
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

/** Whether the event was new. */
async function store(
  trx: Trx,
  event: StripeEvent,
  result: EventResult,
  paymentId?: string,
): Promise<boolean> {
  const added = await trx
    .insertInto('stripe_events')
    .values({
      id: event.id,
      type: event.type,
      livemode: event.livemode,
      object_id: ObjectId.safeParse(event.data.object).data?.id ?? null,
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
function storable(event: StripeEvent): string {
  return JSON.stringify(event, (_name, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '') : value,
  );
}

/** What the rest of this file relies on; a signed body that is something else is no event. */
const EventShape = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  livemode: z.boolean(),
  created: z.number(),
  data: z.looseObject({ object: z.looseObject({}) }),
});

const ObjectId = z.looseObject({ id: z.string() });
