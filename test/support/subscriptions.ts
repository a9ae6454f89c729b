import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { z } from 'zod';
import { startFreePlan } from '../../src/billing/plans/free-plans.ts';
import { type NewPlan, addPlan } from '../../src/billing/plan-versions.ts';
import { type PlanPrice, plansOnSale } from '../../src/billing/plans.ts';
import type { WorkingProvider } from '../../src/billing/provider.ts';
import { type Subscription, findSubscription } from '../../src/billing/subscriptions.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Customer, TestProgram } from './program.ts';
import { type StandInEvent, control } from './purchases.ts';
import { CREDIT } from './wallet-states.ts';

/** A plan of a test's own, on sale for so many cents a month and ten times as much a year. */
export async function newPlan(
  program: Pick<TestProgram, 'database'>,
  monthly_minor: bigint,
  more: Partial<NewPlan> = {},
): Promise<{ month: PlanPrice; year: PlanPrice }> {
  const code = `plan-${newId()}`;
  const { app } = program.database.connections;
  await app.transaction().execute((trx) =>
    addPlan(trx, {
      code,
      name: 'Crew',
      credits_micro: 100n * CREDIT,
      rollover_cap_micro: null,
      trial_days: 0,
      position: 100,
      prices: [
        { period: 'month', currency: 'USD', price_minor: monthly_minor },
        { period: 'year', currency: 'USD', price_minor: monthly_minor * 10n },
      ],
      made_by: 'test',
      ...more,
    }),
  );
  const found = (await plansOnSale(program.database.connections.staff, 'USD')).filter(
    (plan) => plan.code === code,
  );
  const [month, year] = [
    found.find(({ period }) => period === 'month'),
    found.find(({ period }) => period === 'year'),
  ];
  if (month === undefined || year === undefined) throw new Error(`${code} is not on sale`);
  return { month, year };
}

/** Who signed up, as the row that owns their workspace. */
export async function ownerOf(program: TestProgram, customer: Customer): Promise<string> {
  const [row] = await program.database.query<{ person_id: string }>(
    'select person_id from memberships where workspace_id = $1',
    [customer.workspace_id],
  );
  if (row === undefined) throw new Error('the workspace has no owner');
  return row.person_id;
}

/** Begins a plan that costs nothing. */
export async function startFree(
  program: TestProgram,
  customer: Customer,
  plan: PlanPrice,
  now = new Date(),
): Promise<string | undefined> {
  const person_id = await ownerOf(program, customer);
  const { workspace_id } = customer;
  return inWorkspace(program.database.connections.app, workspace_id, (trx) =>
    startFreePlan(trx, { workspace_id, person_id, plan, origin: {} }, now),
  );
}

export async function subscriptionOf(
  program: Pick<TestProgram, 'database'>,
  id: string,
): Promise<Subscription> {
  const found = await findSubscription(program.database.connections.staff, id);
  if (found === undefined) throw new Error(`there is no subscription ${id}`);
  return found;
}

interface Granted {
  kind: string;
  credits: string | null;
  starts_at: Date;
  ends_at: Date;
  [column: string]: unknown;
}

/** What a subscription has granted, in the order of time. */
export function grantsOf(program: Pick<TestProgram, 'database'>, id: string): Promise<Granted[]> {
  return program.database.query<Granted>(
    `select kind, credits::text, starts_at, ends_at from plan_grants
     where subscription_id = $1 order by starts_at, kind`,
    [id],
  );
}

/** A subscription that was begun with the form, and the payment page that it led to. */
export interface Begun {
  id: string;
  session_id: string;
}

/** Whoever takes the payments of a program that sells. */
export function workingProvider({ provider }: TestProgram): WorkingProvider {
  if (provider.mode === 'off') throw new Error('this program sells nothing');
  return provider;
}

/** Sends a form of the page of plans. */
export function sendPlanForm(customer: Customer, action: string, fields: object = {}) {
  return customer.browser.post(`/w/${customer.slug}/plans${action}`).type('form').send(fields);
}

/** Chooses a plan: the customer is now at the payment page. */
export async function subscribe(
  program: TestProgram,
  customer: Customer,
  price: PlanPrice,
): Promise<Begun> {
  const answer = await sendPlanForm(customer, '', { price: price.id, nonce: randomUUID() });
  return begunAt(program, answer);
}

/** The subscription whose payment page an answer led to. */
export async function begunAt(program: TestProgram, answer: Response): Promise<Begun> {
  const [row] = await program.database.query<Begun>(
    'select id, checkout_session_id as session_id from subscriptions where checkout_url = $1',
    [answer.headers['location']],
  );
  if (row === undefined) throw new Error(`subscribing answered ${answer.status}: ${answer.text}`);
  return row;
}

/** Pays at the payment page, with all webhooks held back until a test delivers them. */
export async function payHeld(
  program: TestProgram,
  { session_id }: Begun,
  card?: string,
): Promise<StandInEvent[]> {
  return heldBy(program, () =>
    control(program, `/sessions/${session_id}/pay`, {
      delivery: { hold: true },
      ...(card === undefined ? {} : { card }),
    }),
  );
}

/** Moves Stripe's clock, and holds back what it has to say. */
export async function advanceHeld(program: TestProgram, days: number): Promise<StandInEvent[]> {
  return heldBy(program, () =>
    control(program, '/clock', { advance_seconds: days * 86_400, delivery: { hold: true } }),
  );
}

const Events = z.array(z.looseObject({ id: z.string(), type: z.string() }));

/** The events that some work at Stripe has made, oldest first. */
export async function heldBy(
  program: TestProgram,
  work: () => Promise<unknown>,
): Promise<StandInEvent[]> {
  const before = Events.parse(await control(program, '/events')).length;
  await work();
  return Events.parse(await control(program, '/events'))
    .slice(before)
    .map(({ id, type }) => ({ id, type }));
}

/** Sends events in this order, each as often as the mode says. */
export async function deliverAll(
  program: TestProgram,
  events: readonly StandInEvent[],
  mode = 'once',
): Promise<void> {
  if (events.length === 0) return;
  await control(program, '/deliver', { events: events.map(({ id }) => id), mode });
}

/** Somebody who subscribes to a plan and has paid for it. */
export async function subscribed(
  program: TestProgram,
  price: PlanPrice,
  card?: string,
): Promise<{ ada: Customer; id: string }> {
  const ada = await program.signUp();
  const begun = await subscribe(program, ada, price);
  await deliverAll(program, await payHeld(program, begun, card));
  return { ada, id: begun.id };
}

/** Stripe's id of a subscription that events are about, of which nothing has been told yet. */
export async function stripeIdIn(
  program: TestProgram,
  events: readonly StandInEvent[],
): Promise<string> {
  const created = events.find(({ type }) => type === 'customer.subscription.created');
  const whole = await control(program, `/events/${created?.id}`);
  const [, id] = /"id":"(sub_\w+)"/.exec(JSON.stringify(whole)) ?? [];
  if (id === undefined) throw new Error('no subscription was created');
  return id;
}

/** Pays as somebody does who follows the link to the hosted invoice, with a good card. */
export async function payOpenInvoice(program: TestProgram, url: string): Promise<void> {
  const id = /(in_\w+)/.exec(url)?.[1] ?? '';
  const { stripe } = workingProvider(program);
  await stripe.invoices.pay(id, { payment_method: 'pm_card_visa' });
}
