import type Stripe from 'stripe';
import { z } from 'zod';
import { nowSeconds, type Context } from './context.ts';
import { missingResource } from './errors.ts';
import { newId, randomCharacters } from './identifiers.ts';
import { page, type List } from './lists.ts';
import { email, expand, listShape, metadata, notDone, text } from './parameters.ts';

const addressShape = {
  city: text().optional(),
  country: text(2).optional(),
  line1: text().optional(),
  line2: text().optional(),
  postal_code: text().optional(),
  state: text().optional(),
};

const createShape = {
  address: z.strictObject(addressShape).optional(),
  balance: notDone,
  business_name: text(150).optional(),
  cash_balance: notDone,
  description: text().optional(),
  email: email.optional(),
  expand,
  individual_name: text(150).optional(),
  invoice_prefix: notDone,
  invoice_settings: notDone,
  metadata: metadata.optional(),
  name: text(256).optional(),
  next_invoice_sequence: notDone,
  payment_method: notDone,
  phone: text(20).optional(),
  preferred_locales: z.array(text()).optional(),
  shipping: notDone,
  source: notDone,
  tax: notDone,
  tax_exempt: z.enum(['exempt', 'none', 'reverse']).optional(),
  tax_id_data: notDone,
  test_clock: notDone,
  validate: notDone,
};

export const customerCreateParameters = z.strictObject(createShape);
export const customerRetrieveParameters = z.strictObject({ expand });
export const customerListParameters = z.strictObject({
  ...listShape,
  email: text().optional(),
  test_clock: notDone,
});

/** Makes a customer. The caller saves. */
export function createCustomer(
  context: Context,
  parameters: z.output<typeof customerCreateParameters>,
): Stripe.Customer {
  const { address, business_name, individual_name } = parameters;
  const customer: Stripe.Customer = {
    id: newId('cus'),
    object: 'customer',
    address:
      address === undefined
        ? null
        : {
            city: address.city ?? null,
            country: address.country ?? null,
            line1: address.line1 ?? null,
            line2: address.line2 ?? null,
            postal_code: address.postal_code ?? null,
            state: address.state ?? null,
          },
    balance: 0,
    ...(business_name !== undefined && { business_name }),
    created: nowSeconds(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: parameters.description ?? null,
    discount: null,
    email: parameters.email ?? null,
    ...(individual_name !== undefined && { individual_name }),
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
  return customer;
}

/** A customer by its id; `param` names the parameter that gave the id. Throws a StripeError. */
export function findCustomer(context: Context, id: string, param = 'id'): Stripe.Customer {
  const customer = context.store.customers.get(id);
  if (customer === undefined) throw missingResource('customer', id, param);
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
