import type Stripe from 'stripe';
import type { z } from 'zod';
import { nowSeconds, type Context } from './context.ts';
import { formatMinor, MAXIMUM_MINOR, minimumMinor } from './currencies.ts';
import { findCustomer } from './customers.ts';
import { missingResource, parameterError, StripeError } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { idOf } from './identifiers.ts';
import { checkConfirmation, confirmIntent } from './intent-confirmation.ts';
import { makeIntent } from './intent-objects.ts';
import { page, type List } from './lists.ts';
import { changedMetadata } from './parameters.ts';
import type {
  intentCancelParameters,
  intentConfirmParameters,
  intentCreateParameters,
  intentListParameters,
  intentUpdateParameters,
} from './payment-intent-parameters.ts';
import { methodFor } from './payment-methods.ts';

/** Statuses in which a payment can still be changed. */
const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
const CANCELABLE = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing',
];

/** A PaymentIntent by its id; `param` names the parameter that gave the id. */
export function findIntent(context: Context, id: string, param = 'id'): Stripe.PaymentIntent {
  const intent = context.store.intents.get(id);
  if (intent === undefined) throw missingResource('payment_intent', id, param);
  return intent;
}

/** Makes a PaymentIntent and, where the parameters say so, confirms it. The caller saves. */
export function createIntent(
  context: Context,
  parameters: z.output<typeof intentCreateParameters>,
  news: EventNews,
): Stripe.PaymentIntent {
  const { amount, confirm = false, currency, customer, payment_method } = parameters;
  checkAmount(amount, currency);
  for (const name of ['off_session', 'return_url', 'error_on_requires_action'] as const) {
    if (confirm || parameters[name] === undefined) continue;
    const message = `\`${name}\` can only be passed when \`confirm\` is true.`;
    throw parameterError(name, undefined, message);
  }
  if (customer !== undefined) findCustomer(context, customer, 'customer');
  const automatic = parameters.automatic_payment_methods ?? { enabled: true };
  const intent: Stripe.PaymentIntent = {
    ...makeIntent({
      amount,
      currency,
      customer: customer ?? null,
      description: parameters.description ?? null,
      metadata: parameters.metadata ?? {},
      receipt_email: parameters.receipt_email ?? null,
      setup_future_usage: parameters.setup_future_usage ?? null,
      statement_descriptor: parameters.statement_descriptor ?? null,
      statement_descriptor_suffix: parameters.statement_descriptor_suffix ?? null,
      transfer_group: parameters.transfer_group ?? null,
    }),
    automatic_payment_methods: {
      allow_redirects: automatic.allow_redirects ?? 'always',
      enabled: automatic.enabled,
    },
  };
  if (payment_method !== undefined) {
    intent.payment_method = methodFor(context, payment_method, customer ?? null).id;
    intent.status = 'requires_confirmation';
  }
  if (confirm) checkConfirmation(intent, parameters);
  context.store.intents.set(intent.id, intent);
  emitEvent(context, { type: 'payment_intent.created', object: intent, ...news });
  return confirm ? confirmIntent(context, intent, parameters, news) : intent;
}

/** Changes a PaymentIntent; what is paid or cancelled keeps its amount and its card. */
export function updateIntent(
  context: Context,
  id: string,
  parameters: z.output<typeof intentUpdateParameters>,
): Stripe.PaymentIntent {
  const intent = findIntent(context, id);
  for (const name of ['amount', 'currency', 'customer', 'payment_method'] as const) {
    if (parameters[name] === undefined || OPEN.includes(intent.status)) continue;
    const message = `This PaymentIntent's ${name} could not be updated because it has a status of ${intent.status}. You may only update the ${name} of a PaymentIntent with one of the following statuses: ${OPEN.join(', ')}.`;
    throw unexpectedState(intent, message);
  }
  const { amount = intent.amount, currency = intent.currency } = parameters;
  checkAmount(amount, currency);
  if (parameters.customer !== undefined) findCustomer(context, parameters.customer, 'customer');
  const customer = parameters.customer ?? (idOf(intent.customer) || null);
  if (parameters.payment_method !== undefined) {
    intent.payment_method = methodFor(context, parameters.payment_method, customer).id;
    intent.status = 'requires_confirmation';
  }
  Object.assign(intent, { amount, currency, customer });
  takeTexts(intent, parameters);
  intent.metadata = changedMetadata(intent.metadata, parameters.metadata);
  return intent;
}

/** Confirms a PaymentIntent that waits for it. Throws a StripeError: 402 when the card refuses. */
export function confirmById(
  context: Context,
  id: string,
  parameters: z.output<typeof intentConfirmParameters>,
  news: EventNews,
): Stripe.PaymentIntent {
  const intent = findIntent(context, id);
  if (!OPEN.includes(intent.status)) {
    const reason =
      intent.status === 'succeeded'
        ? 'it has already succeeded after being previously confirmed.'
        : `it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: ${OPEN.join(', ')}.`;
    throw unexpectedState(intent, `You cannot confirm this PaymentIntent because ${reason}`);
  }
  takeTexts(intent, parameters);
  if (parameters.payment_method !== undefined) {
    const customer = idOf(intent.customer) || null;
    intent.payment_method = methodFor(context, parameters.payment_method, customer).id;
  }
  checkConfirmation(intent, parameters);
  return confirmIntent(context, intent, parameters, news);
}

/** Ends a PaymentIntent that is not paid; throws a StripeError for one that is. */
export function cancelIntent(
  context: Context,
  id: string,
  { cancellation_reason }: z.output<typeof intentCancelParameters>,
  news: EventNews,
): Stripe.PaymentIntent {
  const intent = findIntent(context, id);
  const sessions = [...context.store.checkouts.values()].map(({ session }) => session);
  if (sessions.some((one) => one.payment_intent === id && one.status === 'open')) {
    const message =
      'You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session instead.';
    throw unexpectedState(intent, message);
  }
  if (!CANCELABLE.includes(intent.status)) {
    const message = `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(', ')}.`;
    throw unexpectedState(intent, message);
  }
  intent.canceled_at = nowSeconds();
  intent.cancellation_reason = cancellation_reason ?? null;
  intent.next_action = null;
  intent.status = 'canceled';
  emitEvent(context, { type: 'payment_intent.canceled', object: intent, ...news });
  return intent;
}

/** PaymentIntents, the newest first. */
export function listIntents(
  context: Context,
  parameters: z.output<typeof intentListParameters>,
): List<Stripe.PaymentIntent> {
  const { customer } = parameters;
  const intents = [...context.store.intents.values()].filter(
    (intent) => customer === undefined || idOf(intent.customer) === customer,
  );
  return page(intents, parameters, { url: '/v1/payment_intents', kind: 'payment_intent' });
}

function takeTexts(
  intent: Stripe.PaymentIntent,
  parameters: z.output<typeof intentUpdateParameters>,
): void {
  const { description, receipt_email, setup_future_usage } = parameters;
  const { statement_descriptor, statement_descriptor_suffix, transfer_group } = parameters;
  if (description !== undefined) intent.description = description;
  if (receipt_email !== undefined) intent.receipt_email = receipt_email;
  if (setup_future_usage !== undefined) intent.setup_future_usage = setup_future_usage;
  if (statement_descriptor !== undefined) intent.statement_descriptor = statement_descriptor;
  if (transfer_group !== undefined) intent.transfer_group = transfer_group;
  if (statement_descriptor_suffix !== undefined) {
    intent.statement_descriptor_suffix = statement_descriptor_suffix;
  }
}

function checkAmount(amount: number, currency: string): void {
  if (amount < minimumMinor(currency)) {
    const least = formatMinor(minimumMinor(currency), currency);
    const message = `Amount must be at least ${least} ${currency}`;
    throw parameterError('amount', 'amount_too_small', message);
  }
  if (amount > MAXIMUM_MINOR) {
    const most = formatMinor(MAXIMUM_MINOR, currency);
    const message = `Amount must be no more than ${most} ${currency}`;
    throw parameterError('amount', 'amount_too_large', message);
  }
}

function unexpectedState(intent: Stripe.PaymentIntent, message: string): StripeError {
  return new StripeError({
    status: 400,
    code: 'payment_intent_unexpected_state',
    message,
    more: { payment_intent: intent },
  });
}
