import type Stripe from 'stripe';
import { z } from 'zod';
import { nowSeconds, type Context } from '../context.ts';
import { findCustomer } from '../customers.ts';
import { parameterError } from '../errors.ts';
import { newId } from '../identifiers.ts';
import { expand, notDone, text, url, type AllTrue, type Names } from '../parameters.ts';

const createShape = {
  after_expiration: notDone,
  configuration: notDone,
  customer: text().optional(),
  customer_account: notDone,
  expand,
  flow_data: notDone,
  locale: text().optional(),
  on_behalf_of: notDone,
  return_url: url.optional(),
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [Names<typeof createShape, Stripe.BillingPortal.SessionCreateParams>]
>;

export const portalCreateParameters = z.strictObject(createShape);

/** A new way into the portal for one customer. The caller saves. */
export function createPortalSession(
  context: Context,
  { customer, locale, return_url }: z.output<typeof portalCreateParameters>,
): Stripe.BillingPortal.Session {
  if (customer === undefined) {
    const message = 'Missing required param: customer.';
    throw parameterError('customer', 'parameter_missing', message);
  }
  const id = newId('bps');
  const session: Stripe.BillingPortal.Session = {
    id,
    object: 'billing_portal.session',
    configuration: 'bpc_stand_in',
    created: nowSeconds(),
    customer: findCustomer(context, customer, 'customer').id,
    customer_account: null,
    flow: null,
    livemode: false,
    locale: locale ?? null,
    on_behalf_of: null,
    return_url: return_url ?? null,
    url: `${context.origin}/p/session/${id}`,
  };
  context.store.portal_sessions.set(id, session);
  return session;
}
