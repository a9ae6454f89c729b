import { realSeconds } from './clock.ts';
import type { Context } from './context.ts';
import { webhookBody } from './deliveries.ts';
import { newId } from './identifiers.ts';
import { signatureHeader } from './signatures.ts';
import type { StripeEvent } from './state.ts';
import { isDelivered, type WebhookAnswer } from './webhook-client.ts';

/** How one event may be sent on demand. `parallel` and `distinct` carry their number: `parallel:20`. */
export const DELIVERY_MODE =
  /^(once|twice|parallel|distinct|nosig|wrongsecret|altered|old)(?::(\d{1,3}))?$/;

/** A signature is good for 300 seconds; this one is well past that. */
const OLD_SECONDS = 600;

/** What one sending of an event came to. */
export interface SentWebhook extends WebhookAnswer {
  event: string;
}

/**
 * Sends an event now, without retries, and answers what the endpoint said to each sending. One
 * that the endpoint took with a good signature ends the event's own delivery as well. `distinct`
 * makes further events with ids of their own for the same object.
 */
export async function deliver(
  context: Context,
  event: StripeEvent,
  mode: string,
): Promise<SentWebhook[]> {
  const [, name = '', count] = DELIVERY_MODE.exec(mode) ?? [];
  const times = Number(count ?? 2);
  const good = (one: StripeEvent): Promise<SentWebhook> => sendGood(context, one, mode);
  switch (name) {
    case 'once':
      return [await good(event)];
    case 'twice':
      return [await good(event), await good(event)];
    case 'parallel':
      return Promise.all(Array.from({ length: times }, () => good(event)));
    case 'distinct':
      return Promise.all([event, ...twins(context, event, times - 1)].map(good));
    default:
      return [await sendBad(context, event, name)];
  }
}

async function sendGood(context: Context, event: StripeEvent, mode: string): Promise<SentWebhook> {
  const body = webhookBody(event);
  const signature = signatureHeader(body, context.queue.target.secret, realSeconds());
  const answer = await context.queue.post(event.id, mode, body, signature);
  if (isDelivered(answer)) {
    context.queue.settle(event.id);
    context.store.save();
  }
  return { event: event.id, ...answer };
}

async function sendBad(context: Context, event: StripeEvent, mode: string): Promise<SentWebhook> {
  const { secret } = context.queue.target;
  const body = webhookBody(event);
  const sent = {
    nosig: { body, signature: null },
    wrongsecret: { body, signature: signatureHeader(body, `${secret}x`, realSeconds()) },
    altered: {
      // Another id, so that a receiver which remembers ids has no other reason to refuse it.
      body: body.replaceAll(event.id, newId('evt')),
      signature: signatureHeader(body, secret, realSeconds()),
    },
    old: { body, signature: signatureHeader(body, secret, realSeconds() - OLD_SECONDS) },
  };
  const { body: sentBody, signature } = sent[isBad(mode) ? mode : 'nosig'];
  const answer = await context.queue.post(event.id, mode, sentBody, signature);
  return { event: event.id, ...answer };
}

function isBad(mode: string): mode is 'nosig' | 'wrongsecret' | 'altered' | 'old' {
  return ['nosig', 'wrongsecret', 'altered', 'old'].includes(mode);
}

/** Events with other ids for the same object, as Stripe may send them; held, so not sent again. */
function twins(context: Context, event: StripeEvent, count: number): StripeEvent[] {
  return Array.from({ length: count }, () => {
    const twin = { ...event, id: newId('evt') };
    context.store.events.set(twin.id, twin);
    context.queue.enqueue(twin, { delay_ms: 0, copies: 1, hold: true });
    return twin;
  });
}
