import pg from 'pg';
import { z } from 'zod';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
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
    if (isEvent(event)) return event;
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
      await keepResult(trx, event.id, await work.run(trx));
    });
  } catch (error) {
    const clash = clashOf(error);
    if (clash === undefined) throw error;
    await connections.app.transaction().execute(async (trx) => {
      await store(trx, event, { state: 'flagged', note: clash }, payment_id);
    });
  }
}

/**
 * Lets an event that is stored take effect once more, by the same code as when it came: what it did
 * before it does not do again. Undefined: there is no such event, or what it said was forgotten.
 */
export async function replayEvent(
  connections: Connections,
  provider: WorkingProvider,
  id: string,
  by: { actor: Actor; origin: Origin },
): Promise<EventResult | undefined> {
  const { app, staff } = connections;
  const event = await staff
    .selectFrom('stripe_events')
    .select(['body', 'state', 'note'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (event === undefined || !isEvent(event.body)) return undefined;
  const work = await workOf(connections, provider, event.body);
  const keep = async (trx: Trx, result: EventResult): Promise<EventResult> => {
    await keepResult(trx, id, result);
    const { state, note } = event;
    const subject = { kind: 'stripe_event', id };
    await audit(trx, {
      ...by,
      action: 'stripe_event.replayed',
      ...{ subject, before: { state, note }, after: { ...result } },
    });
    return result;
  };
  if ('state' in work) return app.transaction().execute((trx) => keep(trx, work));
  try {
    return await inWorkspace(app, work.workspace_id, async (trx) => {
      // Of two at once the second waits here.
      await trx
        .selectFrom('stripe_events')
        .select('id')
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      return keep(trx, await work.run(trx));
    });
  } catch (error) {
    const note = clashOf(error);
    if (note === undefined) throw error;
    return app.transaction().execute((trx) => keep(trx, { state: 'flagged', note }));
  }
}

async function keepResult(trx: Trx, id: string, { state, note }: EventResult): Promise<void> {
  await trx
    .updateTable('stripe_events')
    .set({ state, note: note ?? null })
    .where('id', '=', id)
    .execute();
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

function isEvent(body: unknown): body is StripeEvent {
  return EventShape.safeParse(body).success;
}

const ObjectId = z.looseObject({ id: z.string() });
