import type Stripe from 'stripe';
import { nowSeconds } from './context.ts';
import { declineError, type Refusal } from './declines.ts';
import { newId } from './identifiers.ts';
import { cardOf } from './test-cards.ts';

/** How a charge came about. */
export interface NewCharge {
  intent: Stripe.PaymentIntent;
  method: Stripe.PaymentMethod;
  /** What became of it: `pays`, or why not. */
  result: 'pays' | Refusal;
  /** Where this server answers, for the address of the receipt. */
  origin: string;
  /** Whether the owner was asked by the bank, and agreed. */
  authenticated: boolean;
}

/** A charge of a PaymentIntent, taken or declined. */
export function makeCharge(news: NewCharge): Stripe.Charge {
  const { intent, method, result } = news;
  const paid = result === 'pays';
  const decline = paid ? null : declineError(result);
  const id = newId('ch');
  return {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { ...method.billing_details },
    calculated_statement_descriptor: intent.statement_descriptor,
    captured: paid,
    created: nowSeconds(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: outcomeOf(result),
    paid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { card: cardDetails(news), type: 'card' },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: paid ? `${news.origin}/receipts/${id}` : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: paid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
}

function outcomeOf(result: NewCharge['result']): Stripe.Charge.Outcome {
  const paid = result === 'pays';
  const decline = paid ? null : declineError(result);
  return {
    advice_code: result === 'declines' ? 'try_again_later' : null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: paid ? 'approved_by_network' : 'declined_by_network',
    reason: decline?.decline_code ?? null,
    risk_level: 'normal',
    risk_score: 8,
    seller_message: paid
      ? 'Payment complete.'
      : 'The bank did not return any further details with this decline.',
    type: paid ? 'authorized' : 'issuer_declined',
  };
}

function cardDetails(news: NewCharge): Stripe.Charge.PaymentMethodDetails.Card {
  const { intent, method, result, authenticated } = news;
  const { brand, fingerprint, last4 } = cardOf(method);
  const paid = result === 'pays';
  return {
    amount_authorized: paid ? intent.amount : null,
    authorization_code: paid ? '123456' : null,
    brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: method.card?.exp_month ?? 12,
    exp_year: method.card?.exp_year ?? 0,
    fingerprint,
    funding: 'credit',
    installments: null,
    last4,
    mandate: null,
    network: brand,
    network_token: { used: false },
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: authenticated ? THREE_D_SECURE : null,
    transaction_link_id: null,
    wallet: null,
  };
}

const THREE_D_SECURE: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
};
