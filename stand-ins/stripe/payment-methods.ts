import type Stripe from 'stripe';
import { z } from 'zod';
import { nowSeconds, type Context } from './context.ts';
import { findCustomer } from './customers.ts';
import { missingResource, parameterError, StripeError } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { idOf, newId } from './identifiers.ts';
import { page, type List } from './lists.ts';
import {
  expand,
  METHODS,
  notDone,
  pageShape,
  text,
  type AllTrue,
  type Names,
} from './parameters.ts';
import { CARD_NAMES, cardNamed, expiryYear, type TestCard } from './test-cards.ts';

const customerListShape = {
  ...pageShape,
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
  type: z.enum([...METHODS, 'custom']).optional(),
};
const methodListShape = {
  ...customerListShape,
  customer: text().optional(),
  customer_account: notDone,
};
const detachShape = { expand };

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof customerListShape, Stripe.CustomerListPaymentMethodsParams>,
    Names<typeof methodListShape, Stripe.PaymentMethodListParams>,
    Names<typeof detachShape, Stripe.PaymentMethodDetachParams>,
  ]
>;

export const customerMethodListParameters = z.strictObject(customerListShape);
export const methodListParameters = z.strictObject(methodListShape);
export const methodRetrieveParameters = z.strictObject({ expand });
export const methodDetachParameters = z.strictObject(detachShape);

type BillingDetails = Stripe.PaymentMethod.BillingDetails;

const NOBODY: BillingDetails = {
  address: null,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
};

/** A payment method of a test card, of no customer yet. The caller saves. */
export function createMethod(
  context: Context,
  card: TestCard,
  billing_details: BillingDetails = NOBODY,
): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { ...billing_details },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: 12,
      exp_year: expiryYear(),
      fingerprint: card.fingerprint,
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: nowSeconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
  context.store.payment_methods.set(method.id, method);
  return method;
}

/** A payment method by its id; `param` names the parameter that gave the id. */
export function findMethod(context: Context, id: string, param = 'id'): Stripe.PaymentMethod {
  const method = context.store.payment_methods.get(id);
  if (method === undefined) throw missingResource('PaymentMethod', id, param);
  return method;
}

/**
 * The payment method that a payment is to use: one that is stored, or a new one of the test card
 * that a well-known name such as `pm_card_visa` stands for. Throws a StripeError for one that
 * belongs to another customer.
 */
export function methodFor(
  context: Context,
  id: string,
  customer: string | null,
): Stripe.PaymentMethod {
  if (CARD_NAMES.includes(id)) return createMethod(context, cardNamed(id));
  const method = findMethod(context, id, 'payment_method');
  if (method.customer === null) {
    const message =
      'The provided PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.';
    throw new StripeError({ status: 400, param: 'payment_method', message });
  }
  if (method.customer !== customer) {
    const owner = idOf(method.customer);
    const message =
      customer === null
        ? `The PaymentMethod ${id} belongs to the Customer ${owner}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`
        : `The PaymentMethod ${id} does not belong to the Customer ${customer}.`;
    throw new StripeError({ status: 400, param: 'payment_method', message });
  }
  return method;
}

/** Saves a card on a customer, with its event. The caller saves the store. */
export function attachMethod(
  context: Context,
  method: Stripe.PaymentMethod,
  customer: string,
  news: EventNews = {},
): void {
  if (method.customer === customer) return;
  method.customer = customer;
  emitEvent(context, { type: 'payment_method.attached', object: method, ...news });
}

/** Takes a card from its customer; throws a StripeError when it is on none. */
export function detachMethod(
  context: Context,
  id: string,
  news: EventNews = {},
): Stripe.PaymentMethod {
  const method = findMethod(context, id);
  if (method.customer === null) {
    const message =
      'The payment method you provided is not attached to a customer so detachment is impossible.';
    throw new StripeError({ status: 400, param: 'payment_method', message });
  }
  const customer = context.store.customers.get(idOf(method.customer));
  if (customer?.invoice_settings.default_payment_method === id) {
    customer.invoice_settings.default_payment_method = null;
  }
  const previous_attributes = { customer: method.customer };
  method.customer = null;
  emitEvent(context, {
    type: 'payment_method.detached',
    object: method,
    previous_attributes,
    ...news,
  });
  return method;
}

/** One page of a customer's cards, the newest first. */
export function listMethods(
  context: Context,
  customer: string | undefined,
  parameters: z.output<typeof customerMethodListParameters>,
  place: { url: string; param: string },
): List<Stripe.PaymentMethod> {
  if (customer === undefined) {
    throw parameterError('customer', 'parameter_missing', 'Missing required param: customer.');
  }
  findCustomer(context, customer, place.param);
  const methods = [...context.store.payment_methods.values()].filter(
    ({ type, allow_redisplay, customer: owner }) =>
      owner === customer &&
      (parameters.type === undefined || type === parameters.type) &&
      (parameters.allow_redisplay === undefined || allow_redisplay === parameters.allow_redisplay),
  );
  return page(methods, parameters, { url: place.url, kind: 'PaymentMethod' });
}
