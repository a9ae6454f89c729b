import type Stripe from 'stripe';
import { nowSeconds } from './context.ts';
import { newId, randomCharacters } from './identifiers.ts';
import type { IntentData } from './state.ts';

/** What a payment is for and whose it is; `amount` in minor units. */
export interface NewIntent extends Partial<IntentData> {
  amount: number;
  currency: string;
  customer: string | null;
}

/** A new PaymentIntent that waits for a payment method. */
export function makeIntent(news: NewIntent): Stripe.PaymentIntent {
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: news.amount,
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
    currency: news.currency,
    customer: news.customer,
    customer_account: null,
    description: news.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: news.metadata ?? {},
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
    receipt_email: news.receipt_email ?? null,
    review: null,
    setup_future_usage: news.setup_future_usage ?? null,
    shipping: null,
    source: null,
    statement_descriptor: news.statement_descriptor ?? null,
    statement_descriptor_suffix: news.statement_descriptor_suffix ?? null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: news.transfer_group ?? null,
  };
}
