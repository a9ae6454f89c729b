import type Stripe from 'stripe';
import type { Context } from './context.ts';
import { updateCustomer } from './customers.ts';
import { parameterError } from './errors.ts';
import type { EventNews } from './events.ts';
import { idOf } from './identifiers.ts';
import type { SessionCreateParameters } from './session-parameters.ts';
import type { Checkout, Session } from './state.ts';
import type { TaxIdParameters } from './tax-id-types.ts';
import { createTaxId, taxIdsOf } from './tax-ids.ts';

/** What a buyer says of themselves at the payment page. */
export interface Buyer {
  name?: string | undefined;
  address?: BuyerAddress | undefined;
  tax_id?: TaxIdParameters | undefined;
}

export interface BuyerAddress {
  country: string;
  postal_code?: string | undefined;
}

/** Where the buyer is when a session asks and nobody says. */
const SOMEWHERE: BuyerAddress = { country: 'US', postal_code: '10001' };

/** Whether the page of a session asks for an address. */
export function asksAddress(session: Session): boolean {
  return session.billing_address_collection === 'required' || session.automatic_tax.enabled;
}

/** Whether the page of a session asks for a tax id. */
export function asksTaxId(session: Session): boolean {
  return session.tax_id_collection?.enabled === true;
}

/**
 * Refuses a session whose customer would have to be changed by what it asks, and may not be.
 * Throws a StripeError.
 */
export function requireCustomerUpdate(
  parameters: SessionCreateParameters,
  customer: Stripe.Customer | null,
): void {
  if (customer === null) return;
  const { automatic_tax, customer_update, tax_id_collection } = parameters;
  if (tax_id_collection?.enabled === true && customer_update?.name !== 'auto') {
    const message =
      'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.';
    throw parameterError('customer_update', undefined, message);
  }
  if (automatic_tax?.enabled !== true || customer.address !== null) return;
  if (customer_update?.address === 'auto') return;
  const message =
    "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.";
  throw parameterError('automatic_tax', 'customer_tax_location_invalid', message);
}

/**
 * Takes what the buyer said into the session's `customer_details`, and to the customer where the
 * session says so; a customer that the session has `made` takes all of it.
 */
export function takeBuyer(
  context: Context,
  { session, customer_update }: Checkout,
  { made, ...buyer }: Buyer & { made: boolean },
  news: EventNews,
): void {
  const details = session.customer_details;
  if (details === null) return;
  const address = asksAddress(session) ? addressFor(details, buyer.address) : undefined;
  const tax_id = asksTaxId(session) ? buyer.tax_id : undefined;
  if (address !== undefined) details.address = address;
  if (buyer.name !== undefined) details.name = buyer.name;
  const customer = idOf(session.customer);
  if (!context.store.customers.has(customer)) {
    details.tax_ids = tax_id === undefined ? [] : [tax_id];
    return;
  }
  const mayChange = (field: 'address' | 'name'): boolean =>
    made || customer_update[field] === 'auto';
  const change = {
    ...(address !== undefined && mayChange('address') && { address: givenOf(address) }),
    ...(buyer.name !== undefined && mayChange('name') && { name: buyer.name }),
  };
  updateCustomer(context, customer, change, news);
  const known = taxIdsOf(context, customer);
  if (tax_id !== undefined && !known.some(({ value }) => value === tax_id.value)) {
    known.push(createTaxId(context, customer, tax_id));
  }
  details.tax_ids = known.map(({ type, value }) => ({ type, value }));
}

function addressFor(
  { address: known }: Stripe.Checkout.Session.CustomerDetails,
  given: BuyerAddress | undefined,
): Stripe.Address {
  if (given === undefined && known !== null) return known;
  const { country, postal_code = null } = given ?? SOMEWHERE;
  return { city: null, country, line1: null, line2: null, postal_code, state: null };
}

function givenOf({ country, postal_code }: Stripe.Address): {
  country?: string;
  postal_code?: string;
} {
  return { ...(country !== null && { country }), ...(postal_code !== null && { postal_code }) };
}
