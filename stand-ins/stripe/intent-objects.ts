import type Stripe from 'stripe';
import { nowSeconds } from './context.ts';
import { newId, randomCharacters } from './identifiers.ts';
import type { Checkout } from './state.ts';

/** A new PaymentIntent for what the session comes to. */
export function makeIntent(checkout: Checkout, amount: number): Stripe.PaymentIntent {
  const { session, intent_data } = checkout;
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${randomCharacters(25)}`,
    confirmation_method: 'automatic',
    created: nowSeconds(),
    currency: session.currency ?? 'usd',
    customer: session.customer,
    customer_account: null,
    description: intent_data.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: intent_data.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: 'automatic',
      },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: intent_data.receipt_email,
    review: null,
    setup_future_usage: intent_data.setup_future_usage,
    shipping: null,
    source: null,
    statement_descriptor: intent_data.statement_descriptor,
    statement_descriptor_suffix: intent_data.statement_descriptor_suffix,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: intent_data.transfer_group,
  };
}

/** A charge of a PaymentIntent by the test card 4242, taken or declined. */
export function makeCharge(
  intent: Stripe.PaymentIntent,
  checkout: Checkout,
  status: 'succeeded' | 'failed',
  receipt_url: string,
): Stripe.Charge {
  const paid = status === 'succeeded';
  const customer = checkout.session.customer_details;
  return {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      address: customer?.address ?? null,
      email: customer?.email ?? null,
      name: customer?.name ?? null,
      phone: customer?.phone ?? null,
      tax_id: null,
    },
    calculated_statement_descriptor: intent.statement_descriptor,
    captured: paid,
    created: nowSeconds(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: paid ? null : 'card_declined',
    failure_message: paid ? null : DECLINE_MESSAGE,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: paid ? null : 'try_again_later',
      network_advice_code: null,
      network_decline_code: null,
      network_status: paid ? 'approved_by_network' : 'declined_by_network',
      reason: paid ? null : 'generic_decline',
      risk_level: 'normal',
      risk_score: 8,
      seller_message: paid
        ? 'Payment complete.'
        : 'The bank did not return any further details with this decline.',
      type: paid ? 'authorized' : 'issuer_declined',
    },
    paid,
    payment_intent: intent.id,
    payment_method: newId('pm'),
    payment_method_details: { card: cardOf(intent.amount, paid), type: 'card' },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: paid ? receipt_url : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status,
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
}

export const DECLINE_MESSAGE = 'Your card was declined.';

function cardOf(amount: number, paid: boolean): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: paid ? amount : null,
    authorization_code: paid ? '123456' : null,
    brand: 'visa',
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: 12,
    exp_year: new Date().getUTCFullYear() + 3,
    fingerprint: 'StandInFingerprt',
    funding: 'credit',
    installments: null,
    last4: '4242',
    mandate: null,
    network: 'visa',
    network_token: { used: false },
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}
