import type Stripe from 'stripe';
import { nowSeconds } from './context.ts';
import { newId } from './identifiers.ts';
import { totalsOf } from './line-items.ts';
import type { SessionCreateParameters } from './session-parameters.ts';
import type { LineItem, Session } from './state.ts';

interface Origins {
  origin: string;
  expires_at: number;
  customer: Stripe.Customer | null;
}

/** A new open session in Stripe's full shape, before anybody has paid. */
export function makeSession(
  parameters: SessionCreateParameters,
  items: readonly LineItem[],
  { origin, expires_at, customer }: Origins,
): Session {
  const id = newId('cs_test');
  const setup = parameters.mode === 'setup';
  const totals = setup ? null : totalsOf(items);
  const email = customer?.email ?? parameters.customer_email ?? null;
  const taxed = parameters.automatic_tax?.enabled ?? false;
  const { integration_identifier, tax_id_collection } = parameters;
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: parameters.adaptive_pricing?.enabled ?? false },
    after_expiration: null,
    allow_promotion_codes: parameters.allow_promotion_codes ?? null,
    allowed_payment_method_types: parameters.allowed_payment_method_types ?? null,
    amount_subtotal: totals?.amount_subtotal ?? null,
    amount_total: totals?.amount_total ?? null,
    automatic_tax: {
      enabled: taxed,
      liability: taxed ? { type: 'self' } : null,
      provider: taxed ? 'stripe' : null,
      status: taxed ? 'requires_location_inputs' : null,
    },
    billing_address_collection: parameters.billing_address_collection ?? null,
    cancel_url: parameters.cancel_url ?? null,
    client_reference_id: parameters.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: nowSeconds(),
    currency: items[0]?.currency ?? parameters.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: customer?.id ?? null,
    customer_account: null,
    customer_creation:
      customer !== null
        ? null
        : parameters.mode === 'subscription'
          ? 'always'
          : (parameters.customer_creation ?? 'if_required'),
    customer_details: email === null ? null : detailsOf(email, customer),
    customer_email: parameters.customer_email ?? null,
    discounts: [],
    expires_at,
    integration_identifier: integration_identifier ?? null,
    invoice: null,
    invoice_creation: {
      enabled: false,
      invoice_data: {
        account_tax_ids: null,
        custom_fields: null,
        description: null,
        footer: null,
        issuer: null,
        metadata: {},
        rendering_options: null,
      },
    },
    livemode: false,
    locale: parameters.locale ?? null,
    managed_payments: { enabled: false },
    metadata: parameters.metadata ?? {},
    mode: parameters.mode,
    origin_context: parameters.origin_context ?? null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection:
      parameters.payment_method_collection ??
      (parameters.mode === 'payment' ? 'if_required' : 'always'),
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: setup ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: parameters.phone_number_collection?.enabled ?? false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: parameters.submit_type ?? null,
    subscription: null,
    success_url: parameters.success_url ?? null,
    ...(tax_id_collection && {
      tax_id_collection: {
        enabled: tax_id_collection.enabled,
        required: tax_id_collection.required ?? 'never',
      },
    }),
    total_details: setup ? null : { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${origin}/c/pay/${id}`,
    wallet_options: null,
  };
}

/** What Checkout knows of the buyer. */
export function detailsOf(
  email: string,
  customer: Stripe.Customer | null,
): Stripe.Checkout.Session.CustomerDetails {
  return {
    address: customer?.address ?? null,
    business_name: customer?.business_name ?? null,
    email,
    individual_name: customer?.individual_name ?? null,
    name: customer?.name ?? null,
    phone: customer?.phone ?? null,
    tax_exempt: customer?.tax_exempt ?? 'none',
    tax_ids: [],
  };
}
