import type Stripe from 'stripe';
import { nowSeconds, type Context } from './context.ts';
import { missingResource } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { newId, randomCharacters } from './identifiers.ts';
import { declineError } from './declines.ts';

/** What a session in setup mode says of the SetupIntent that it makes. */
export interface SetupIntentData {
  customer: string | null;
  description: string | null;
  metadata: Stripe.Metadata;
}

/** A new SetupIntent that waits for a card, with its event. The caller saves. */
export function createSetupIntent(
  context: Context,
  data: SetupIntentData,
  news: EventNews = {},
): Stripe.SetupIntent {
  const id = newId('seti');
  const intent: Stripe.SetupIntent = {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomCharacters(25)}`,
    created: nowSeconds(),
    customer: data.customer,
    customer_account: null,
    description: data.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: { enabled: false },
    mandate: null,
    metadata: data.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
  };
  context.store.setup_intents.set(intent.id, intent);
  emitEvent(context, { type: 'setup_intent.created', object: intent, ...news });
  return intent;
}

/** A SetupIntent by its id; throws a 404 StripeError. */
export function findSetupIntent(context: Context, id: string): Stripe.SetupIntent {
  const intent = context.store.setup_intents.get(id);
  if (intent === undefined) throw missingResource('setupintent', id);
  return intent;
}

/** The card is good, and kept. */
export function succeedSetup(
  context: Context,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  news: EventNews = {},
): void {
  intent.last_setup_error = null;
  intent.payment_method = method.id;
  intent.status = 'succeeded';
  emitEvent(context, { type: 'setup_intent.succeeded', object: intent, ...news });
}

/** The bank would not have the card kept: another can be tried. */
export function failSetup(
  context: Context,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  news: EventNews = {},
): void {
  intent.last_setup_error = { ...declineError('declines'), payment_method: method };
  emitEvent(context, { type: 'setup_intent.setup_failed', object: intent, ...news });
}

/** A session that nobody finished takes its SetupIntent along. */
export function cancelSetup(
  context: Context,
  intent: Stripe.SetupIntent,
  news: EventNews = {},
): void {
  intent.cancellation_reason = 'abandoned';
  intent.status = 'canceled';
  emitEvent(context, { type: 'setup_intent.canceled', object: intent, ...news });
}
