import type Stripe from 'stripe';
import type { z } from 'zod';
import { nowSeconds, type Context } from './context.ts';
import type {
  customerCreateParameters,
  customerListParameters,
  customerUpdateParameters,
} from './customer-parameters.ts';
import { missingResource } from './errors.ts';
import { emitEvent, type EventNews } from './events.ts';
import { idOf, newId, randomCharacters } from './identifiers.ts';
import { page, type List } from './lists.ts';
import { changedMetadata } from './parameters.ts';
import { differences } from './differences.ts';
import { createTaxId } from './tax-ids.ts';

/** What is taken from the parameters of a change as it is. */
const TEXTS = [
  'business_name',
  'description',
  'email',
  'individual_name',
  'name',
  'next_invoice_sequence',
  'phone',
  'preferred_locales',
] as const;

type Create = z.output<typeof customerCreateParameters>;

/** Makes a customer. The caller saves. */
export function createCustomer(context: Context, parameters: Create): Stripe.Customer {
  const { business_name, individual_name } = parameters;
  const customer: Stripe.Customer = {
    id: newId('cus'),
    object: 'customer',
    address: addressOf(parameters.address),
    balance: 0,
    ...(typeof business_name === 'string' && { business_name }),
    created: nowSeconds(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: parameters.description ?? null,
    discount: null,
    email: parameters.email ?? null,
    ...(typeof individual_name === 'string' && { individual_name }),
    invoice_prefix: randomCharacters(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: parameters.metadata ?? {},
    name: parameters.name ?? null,
    next_invoice_sequence: 1,
    phone: parameters.phone ?? null,
    preferred_locales: parameters.preferred_locales ?? [],
    shipping: null,
    tax_exempt: parameters.tax_exempt ?? 'none',
    test_clock: null,
  };
  context.store.customers.set(customer.id, customer);
  for (const tax_id of parameters.tax_id_data ?? []) createTaxId(context, customer.id, tax_id);
  return customer;
}

/** A customer by its id; `param` names the parameter that gave the id. Throws a StripeError. */
export function findCustomer(context: Context, id: string, param = 'id'): Stripe.Customer {
  const customer = context.store.customers.get(id);
  if (customer === undefined) throw missingResource('customer', id, param);
  return customer;
}

/** A customer as it is read: of one that was deleted only that is told. */
export function retrieveCustomer(
  context: Context,
  id: string,
): Stripe.Customer | Stripe.DeletedCustomer {
  const deleted = context.store.deleted_customers.has(id);
  return deleted ? { id, object: 'customer', deleted } : findCustomer(context, id);
}

/** Changes a customer, with its event. Throws a StripeError. */
export function updateCustomer(
  context: Context,
  id: string,
  parameters: z.output<typeof customerUpdateParameters>,
  news: EventNews = {},
): Stripe.Customer {
  const customer = findCustomer(context, id);
  const before = structuredClone(customer);
  const { address, invoice_settings, metadata, tax_exempt } = parameters;
  const method = invoice_settings?.default_payment_method;
  if (typeof method === 'string') requireCard(context, id, method);
  if (method !== undefined) customer.invoice_settings.default_payment_method = method;
  if (address !== undefined) customer.address = addressOf(address);
  if (tax_exempt !== undefined) customer.tax_exempt = tax_exempt ?? 'none';
  customer.metadata = changedMetadata(customer.metadata, metadata);
  for (const name of TEXTS) {
    if (parameters[name] !== undefined) Object.assign(customer, { [name]: parameters[name] });
  }
  const previous_attributes = differences(before, customer);
  if (previous_attributes !== undefined) {
    emitEvent(context, {
      type: 'customer.updated',
      object: customer,
      previous_attributes,
      ...news,
    });
  }
  return customer;
}

/** Customers, the newest first. */
export function listCustomers(
  context: Context,
  parameters: z.output<typeof customerListParameters>,
): List<Stripe.Customer> {
  const customers = [...context.store.customers.values()].filter(
    (customer) => parameters.email === undefined || customer.email === parameters.email,
  );
  return page(customers, parameters, { url: '/v1/customers', kind: 'customer' });
}

function addressOf(address: Create['address']): Stripe.Address | null {
  if (address === undefined || address === null) return null;
  return {
    city: address.city ?? null,
    country: address.country ?? null,
    line1: address.line1 ?? null,
    line2: address.line2 ?? null,
    postal_code: address.postal_code ?? null,
    state: address.state ?? null,
  };
}

function requireCard(context: Context, customer: string, id: string): void {
  const method = context.store.payment_methods.get(id);
  if (method !== undefined && idOf(method.customer) === customer) return;
  throw missingResource('PaymentMethod', id, 'invoice_settings[default_payment_method]');
}
