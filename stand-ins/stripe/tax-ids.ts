import type Stripe from 'stripe';
import type { z } from 'zod';
import { nowSeconds, type Context } from './context.ts';
import type { taxIdListParameters } from './customer-parameters.ts';
import { newId } from './identifiers.ts';
import { page, type List } from './lists.ts';
import { countryOf, type TaxIdParameters } from './tax-id-types.ts';

/** Adds a tax id to a customer. The caller saves. */
export function createTaxId(
  context: Context,
  customer: string,
  parameters: TaxIdParameters,
): Stripe.TaxId {
  const { type, value } = parameters;
  const tax_id: Stripe.TaxId = {
    id: newId('txi'),
    object: 'tax_id',
    country: countryOf(parameters),
    created: nowSeconds(),
    customer,
    customer_account: null,
    livemode: false,
    owner: { customer, customer_account: null, type: 'customer' },
    type,
    value,
    verification: {
      status: type === 'eu_vat' || type === 'gb_vat' ? 'pending' : 'unavailable',
      verified_address: null,
      verified_name: null,
    },
  };
  context.store.tax_ids.set(tax_id.id, tax_id);
  return tax_id;
}

/** The tax ids of a customer, the oldest first. */
export function taxIdsOf(context: Context, customer: string): Stripe.TaxId[] {
  return [...context.store.tax_ids.values()].filter((tax_id) => tax_id.customer === customer);
}

/** One page of a customer's tax ids, the newest first. The caller knows that the customer exists. */
export function listTaxIds(
  context: Context,
  customer: string,
  parameters: z.output<typeof taxIdListParameters>,
): List<Stripe.TaxId> {
  const url = `/v1/customers/${customer}/tax_ids`;
  return page(taxIdsOf(context, customer), parameters, { url, kind: 'tax_id' });
}
