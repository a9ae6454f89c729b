import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { callControl } from '../stand-ins/stripe-shop.ts';
import type { Customer, TestProgram } from './program.ts';

/** A purchase on its way: ordered, with a payment page at the stand-in. */
export interface Purchase {
  payment_id: string;
  session_id: string;
  url: string;
}

/** Orders a package as the form does; the buyer is now at the payment page. */
export async function order(
  program: TestProgram,
  customer: Customer,
  chosen = 'starter',
  nonce: string = randomUUID(),
): Promise<Purchase> {
  const answer = await customer.browser
    .post(`/w/${customer.slug}/buy`)
    .type('form')
    .send({ package: chosen, nonce });
  if (answer.status !== 303) throw new Error(`ordering answered ${answer.status}: ${answer.text}`);
  const url = String(answer.headers['location']);
  const [row] = await program.database.query<{ id: string; checkout_session_id: string }>(
    'select id, checkout_session_id from payments where checkout_url = $1',
    [url],
  );
  if (row === undefined) throw new Error(`no payment leads to ${url}`);
  return { payment_id: row.id, session_id: row.checkout_session_id, url };
}

/** Calls the stand-in's control API. */
export async function control(program: TestProgram, path: string, body?: object): Promise<unknown> {
  if (program.stripe === undefined) throw new Error('this program sells nothing');
  return callControl(program.stripe.url, path, body);
}

/** The stand-in fails no more. */
export async function heal(program: TestProgram): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${program.stripe?.url}/_control/faults`, { method: 'DELETE', headers });
}

/** Pays, with all webhooks held back until a test delivers them. */
export async function payHeld(program: TestProgram, purchase: Purchase): Promise<StandInEvent[]> {
  await control(program, `/sessions/${purchase.session_id}/pay`, { delivery: { hold: true } });
  return eventsOf(program, purchase);
}

const Events = z.array(z.looseObject({ id: z.string(), type: z.string() }));
const Whole = z.looseObject({
  event: z.looseObject({
    data: z.looseObject({
      object: z.looseObject({ metadata: z.record(z.string(), z.string()).optional() }),
    }),
  }),
});

export interface StandInEvent {
  id: string;
  type: string;
}

/** The events about one purchase, oldest first. */
export async function eventsOf(
  program: TestProgram,
  purchase: Pick<Purchase, 'payment_id'>,
): Promise<StandInEvent[]> {
  const events = Events.parse(await control(program, '/events'));
  const found: StandInEvent[] = [];
  for (const { id, type } of events) {
    const { event } = Whole.parse(await control(program, `/events/${id}`));
    if (event.data.object.metadata?.['scrip_payment'] === purchase.payment_id)
      found.push({ id, type });
  }
  return found;
}

/** Sends one event to the program, in one of the stand-in's modes. */
export async function deliver(program: TestProgram, event: StandInEvent, mode = 'once') {
  return control(program, `/events/${event.id}/deliver`, { mode });
}

export function only(events: readonly StandInEvent[], type: string): StandInEvent {
  const [event, ...others] = events.filter((one) => one.type === type);
  if (event === undefined || others.length > 0) throw new Error(`there is not one event ${type}`);
  return event;
}

const Emitted = z.looseObject({ id: z.string() });

/** Makes an event of any type from any object, and holds it back. Returns its id. */
export async function emit(
  program: TestProgram,
  type: string,
  object: object,
  livemode = false,
): Promise<string> {
  const delivery = { hold: true };
  return Emitted.parse(await control(program, '/events', { type, object, livemode, delivery })).id;
}
