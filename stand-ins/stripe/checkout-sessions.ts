import type { z } from 'zod';
import { requireCustomerUpdate } from './buyers.ts';
import { realSeconds } from './clock.ts';
import type { Context } from './context.ts';
import { findCustomer } from './customers.ts';
import { missingResource, parameterError, StripeError } from './errors.ts';
import { emitEvent, type EventNews, type EventRequest } from './events.ts';
import { idOf } from './identifiers.ts';
import { makeLines } from './line-items.ts';
import { page, type List } from './lists.ts';
import { makeSession } from './session-object.ts';
import type {
  SessionCreateParameters,
  sessionLinesParameters,
  sessionListParameters,
} from './session-parameters.ts';
import { hasTrial, readSubscriptionData } from './subscriptions/sign-up-parameters.ts';
import { cancelSetup, createSetupIntent } from './setup-intents.ts';
import type { Checkout, DeliveryPlanChange, LineItem, Session } from './state.ts';

const LIFETIME_MIN_SECONDS = 30 * 60;
const LIFETIME_MAX_SECONDS = 24 * 3600;

/** Makes an open session and the address of its payment page. The caller saves. */
export function createSession(
  context: Context,
  parameters: SessionCreateParameters,
  news: EventNews = {},
): Session {
  refuseWhatIsNotDone(parameters);
  refuseContradictions(parameters);
  const { mode, currency } = parameters;
  const lines =
    mode === 'setup'
      ? []
      : makeLines(context, parameters.line_items ?? [], {
          mode,
          currency,
          trial: hasTrial(parameters),
        });
  const items = lines.map(({ item }) => item);
  const customer =
    parameters.customer === undefined
      ? null
      : findCustomer(context, parameters.customer, 'customer');
  requireCustomerUpdate(parameters, customer);
  const data = parameters.payment_intent_data;
  const checkout: Checkout = {
    session: makeSession(parameters, items, {
      origin: context.origin,
      expires_at: expiryOf(parameters),
      customer,
    }),
    items,
    products: lines.map(({ product }) => product),
    intent_data: {
      description: data?.description ?? null,
      metadata: data?.metadata ?? {},
      receipt_email: data?.receipt_email ?? null,
      setup_future_usage: data?.setup_future_usage ?? null,
      statement_descriptor: data?.statement_descriptor ?? null,
      statement_descriptor_suffix: data?.statement_descriptor_suffix ?? null,
      transfer_group: data?.transfer_group ?? null,
    },
    customer_update: {
      address: parameters.customer_update?.address ?? 'never',
      name: parameters.customer_update?.name ?? 'never',
    },
    subscription_data: mode === 'subscription' ? readSubscriptionData(parameters) : null,
    first_intent: null,
  };
  const { session } = checkout;
  if (mode === 'setup') {
    const { description = null, metadata = {} } = parameters.setup_intent_data ?? {};
    const setup = { customer: parameters.customer ?? null, description, metadata };
    session.setup_intent = createSetupIntent(context, setup, news).id;
  }
  context.store.checkouts.set(session.id, checkout);
  return session;
}

/** A session with its lines; throws a 404 StripeError. */
export function findCheckout(context: Context, id: string): Checkout {
  const checkout = context.store.checkouts.get(id);
  if (checkout === undefined) throw missingResource('checkout.session', id);
  return checkout;
}

/** Sessions, the newest first. */
export function listSessions(
  context: Context,
  parameters: z.output<typeof sessionListParameters>,
): List<Session> {
  const { customer, customer_details, payment_intent, status, subscription } = parameters;
  const sessions = [...context.store.checkouts.values()]
    .map(({ session }) => session)
    .filter(
      (session) =>
        (customer === undefined || session.customer === customer) &&
        (payment_intent === undefined || session.payment_intent === payment_intent) &&
        (status === undefined || session.status === status) &&
        (subscription === undefined || session.subscription === subscription) &&
        (customer_details === undefined ||
          session.customer_details?.email === customer_details.email),
    );
  return page(sessions, parameters, { url: '/v1/checkout/sessions', kind: 'checkout.session' });
}

/** The lines of a session, in the order in which they were given. */
export function listSessionLines(
  context: Context,
  id: string,
  parameters: z.output<typeof sessionLinesParameters>,
): List<LineItem> {
  return page(findCheckout(context, id).items, parameters, {
    url: `/v1/checkout/sessions/${id}/line_items`,
    kind: 'item',
    newest_first: false,
  });
}

/** Ends an open session without a payment; throws a StripeError for one that is not open. */
export function expireSession(
  context: Context,
  id: string,
  request?: EventRequest,
  plan?: DeliveryPlanChange,
): Session {
  const { session } = findCheckout(context, id);
  if (session.status !== 'open') {
    throw new StripeError({
      status: 400,
      message: `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status ?? 'none'}.`,
    });
  }
  session.status = 'expired';
  session.url = null;
  const setup = context.store.setup_intents.get(idOf(session.setup_intent));
  if (setup !== undefined) cancelSetup(context, setup, { request, plan });
  emitEvent(context, { type: 'checkout.session.expired', object: session, request, plan });
  return session;
}

/** Expires the open sessions whose time is up, and saves if there were any. */
export function expireDueSessions(context: Context): void {
  const now = realSeconds();
  const due = [...context.store.checkouts.values()].filter(
    ({ session }) => session.status === 'open' && session.expires_at <= now,
  );
  for (const { session } of due) expireSession(context, session.id);
  if (due.length > 0) context.store.save();
}

function refuseWhatIsNotDone(parameters: SessionCreateParameters): void {
  const beyond = [
    ['mode', parameters.mode, ['payment', 'setup', 'subscription']],
    ['ui_mode', parameters.ui_mode ?? 'hosted_page', ['hosted_page']],
    ['invoice_creation[enabled]', parameters.invoice_creation?.enabled ?? false, [false]],
  ] as const;
  for (const [param, value, done] of beyond) {
    if (done.some((one) => one === value)) continue;
    const message = `This stand-in for Stripe does not do ${param}=${String(value)}, only ${done.join(' and ')}.`;
    throw parameterError(param, 'stand_in_unsupported', message);
  }
}

/** What each mode cannot do without, and what belongs to another mode. */
const NEEDED = { payment: 'line_items', setup: 'currency', subscription: 'line_items' } as const;
const FOREIGN = {
  payment: ['setup_intent_data', 'subscription_data', 'payment_method_collection'],
  setup: [
    'line_items',
    'payment_intent_data',
    'automatic_tax',
    'subscription_data',
    'payment_method_collection',
  ],
  subscription: ['setup_intent_data', 'payment_intent_data', 'customer_creation'],
} as const;

function refuseContradictions(parameters: SessionCreateParameters): void {
  const { mode } = parameters;
  for (const name of [NEEDED[mode], 'success_url'] as const) {
    if (parameters[name] !== undefined) continue;
    throw parameterError(name, 'parameter_missing', `Missing required param: ${name}.`);
  }
  for (const name of FOREIGN[mode]) {
    if (parameters[name] === undefined) continue;
    const message = `You can not pass \`${name}\` in \`${mode}\` mode.`;
    throw parameterError(name, undefined, message);
  }
  for (const name of ['customer_email', 'customer_creation'] as const) {
    if (parameters.customer === undefined || parameters[name] === undefined) continue;
    const message = `You may only specify one of these parameters: customer, ${name}.`;
    throw parameterError(name, undefined, message);
  }
  if (parameters.customer_update !== undefined && parameters.customer === undefined) {
    const message = '`customer_update` can only be used with `customer`.';
    throw parameterError('customer_update', undefined, message);
  }
}

function expiryOf(parameters: SessionCreateParameters): number {
  const now = realSeconds();
  const expires_at = parameters.expires_at ?? now + LIFETIME_MAX_SECONDS;
  if (expires_at < now + LIFETIME_MIN_SECONDS) {
    const message =
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.';
    throw parameterError('expires_at', undefined, message);
  }
  if (expires_at > now + LIFETIME_MAX_SECONDS) {
    const message =
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.';
    throw parameterError('expires_at', undefined, message);
  }
  return expires_at;
}
