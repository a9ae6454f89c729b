import { randomUUID } from 'node:crypto';
import { realSeconds } from './clock.ts';
import { signatureHeader } from './signatures.ts';
import type { Attempt, Delivery, DeliveryPlan, StripeEvent } from './state.ts';
import type { Store } from './store.ts';
import { isDelivered, postWebhook, type WebhookAnswer } from './webhook-client.ts';

const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 30_000;
/** Stripe tries for up to three days. */
const GIVE_UP_AFTER_SECONDS = 3 * 24 * 3600;
/** The state file keeps so many tries of one delivery, the latest ones. */
const ATTEMPTS_KEPT = 50;

/** Where webhooks go, and what they are signed with. */
export interface WebhookTarget {
  url: string;
  secret: string;
}

/** Sends webhooks and tries again until each has been answered with a 2xx. */
export class DeliveryQueue {
  readonly target: WebhookTarget;
  readonly #store: Store;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Failures in this run: after a restart the first retry comes soon again. */
  readonly #failures = new Map<string, number>();
  readonly #stop = new AbortController();

  constructor(store: Store, target: WebhookTarget) {
    this.#store = store;
    this.target = target;
  }

  /** Plans the deliveries of a new event. The caller saves the store afterwards. */
  enqueue(event: StripeEvent, plan: DeliveryPlan): void {
    for (let copy = 0; copy < plan.copies; copy += 1) {
      const delivery: Delivery = {
        id: randomUUID(),
        event_id: event.id,
        state: plan.hold ? 'held' : 'pending',
        planned_at_ms: Date.now(),
        due_at_ms: plan.hold ? null : Date.now() + plan.delay_ms,
        attempts: [],
      };
      this.#store.deliveries.set(event.id, [...this.of(event.id), delivery]);
      this.#arm(delivery);
    }
  }

  /** Takes up what an earlier run of the server had not delivered. */
  resume(): void {
    for (const delivery of [...this.#store.deliveries.values()].flat()) this.#arm(delivery);
  }

  /** The deliveries of an event, in the order in which they were planned. */
  of(event_id: string): readonly Delivery[] {
    return this.#store.deliveries.get(event_id) ?? [];
  }

  /** Posts one body now, without a retry; `mode` is what the record of the try says. */
  async post(
    event_id: string,
    mode: string,
    body: string,
    signature: string | null,
  ): Promise<WebhookAnswer> {
    const at_ms = Date.now();
    const answer = await postWebhook(this.target.url, body, signature, this.#stop.signal);
    this.#record(event_id, { at_ms, mode, ...answer });
    return answer;
  }

  /** The endpoint has taken the event: nothing of it is to be sent any more. */
  settle(event_id: string): void {
    for (const delivery of this.of(event_id)) {
      if (delivery.state === 'held' || delivery.state === 'pending')
        this.#end(delivery, 'delivered');
    }
  }

  /** Stops all sending; what is not delivered stays pending in the store. */
  close(): void {
    this.#stop.abort(new Error('The stand-in is stopping'));
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #arm(delivery: Delivery): void {
    if (delivery.state !== 'pending' || delivery.due_at_ms === null) return;
    const wait_ms = Math.max(0, delivery.due_at_ms - Date.now());
    const timer = setTimeout(() => {
      this.#timers.delete(delivery.id);
      void this.#attempt(delivery);
    }, wait_ms);
    this.#timers.set(delivery.id, timer);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const event = this.#store.events.get(delivery.event_id);
    if (event === undefined) return;
    const at_ms = Date.now();
    const body = webhookBody(event);
    const signature = signatureHeader(body, this.target.secret, realSeconds());
    const answer = await postWebhook(this.target.url, body, signature, this.#stop.signal);
    // A try that this server's own stop cut off says nothing about the endpoint.
    if (this.#stop.signal.aborted) return;
    delivery.attempts = [...delivery.attempts, { at_ms, mode: 'automatic', ...answer }].slice(
      -ATTEMPTS_KEPT,
    );
    // The control API may have settled the event meanwhile.
    if (delivery.state === 'pending') {
      if (isDelivered(answer)) this.#end(delivery, 'delivered');
      else this.#retry(delivery, event);
    }
    this.#save();
  }

  #retry(delivery: Delivery, event: StripeEvent): void {
    const planned_at_ms = delivery.planned_at_ms ?? event.created * 1000;
    if (Date.now() - planned_at_ms > GIVE_UP_AFTER_SECONDS * 1000) {
      this.#end(delivery, 'given_up');
      return;
    }
    const failures = this.#failures.get(delivery.id) ?? 0;
    this.#failures.set(delivery.id, failures + 1);
    delivery.due_at_ms = Date.now() + Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** failures);
    this.#arm(delivery);
  }

  #end(delivery: Delivery, state: 'delivered' | 'given_up'): void {
    delivery.state = state;
    delivery.due_at_ms = null;
    clearTimeout(this.#timers.get(delivery.id));
    this.#timers.delete(delivery.id);
    this.#failures.delete(delivery.id);
  }

  #record(event_id: string, attempt: Attempt): void {
    const delivery = this.of(event_id)[0];
    if (delivery === undefined) return;
    delivery.attempts = [...delivery.attempts, attempt].slice(-ATTEMPTS_KEPT);
    this.#save();
  }

  #save(): void {
    try {
      this.#store.save();
    } catch (error) {
      // Nobody waits for this answer; the state is written again with the next change.
      console.error('The state file could not be written:', error);
    }
  }
}

/** The raw body of an event, the same for every try. */
export function webhookBody(event: StripeEvent): string {
  return JSON.stringify({ ...event, pending_webhooks: 1 }, null, 2);
}
