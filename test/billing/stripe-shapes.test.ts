import { expect, test } from 'vitest';
import { ListedCharge } from '../../src/billing/reconciliation/books.ts';
import {
  Charge,
  CheckoutSession,
  DeletedCustomer,
  Dispute,
  PaymentIntent,
  Refund,
  SetupIntentWithCard,
} from '../../src/billing/stripe-objects.ts';
import { StripeInvoice, StripeSubscription } from '../../src/billing/subscriptions/objects.ts';

/*
 * Objects with the fields that Stripe sends and this program reads or might stumble over: null where
 * there is nothing, ids where nothing was expanded, and the places of older API versions, held beside
 * the fixtures of stripe/openapi (openapi/fixtures3.json), which are of API versions of 2022 and 2023.
 */

const ID = '0190c1a4-0000-7000-8000-000000000001';
const metadata = { scrip_payment: ID, order: '4711' };

const session = {
  ...{ id: 'cs_1', object: 'checkout.session', created: 1_790_000_000, livemode: false },
  ...{ mode: 'payment', status: 'complete', payment_status: 'paid', currency: 'usd' },
  ...{ amount_subtotal: 1000, amount_total: 1190, payment_intent: 'pi_1', setup_intent: null },
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 190 },
  ...{ customer: null, customer_details: { email: 'ada@example.com', address: null, tax_ids: [] } },
  ...{ subscription: null, invoice: null, url: null, client_reference_id: ID, metadata },
};

const charge = {
  ...{ id: 'ch_1', object: 'charge', created: 1_790_000_000, status: 'succeeded', captured: true },
  ...{ amount: 1190, amount_captured: 1190, amount_refunded: 300, currency: 'usd', paid: true },
  ...{ payment_intent: 'pi_1', balance_transaction: 'txn_1', customer: null, invoice: null },
  ...{ refunded: false, disputed: false, failure_code: null, metadata: {}, receipt_email: null },
};

const period = { start: 1_790_000_000, end: 1_792_592_000 };
const invoice = {
  ...{ id: 'in_1', object: 'invoice', created: 1_790_000_000, status: 'paid', currency: 'usd' },
  ...{ billing_reason: 'subscription_cycle', attempt_count: 1, hosted_invoice_url: null },
  ...{ subtotal: 2800, subtotal_excluding_tax: 2800, total: 2800, total_excluding_tax: 2800 },
  ...{ amount_paid: 2800, amount_due: 2800, customer: 'cus_1', metadata: {} },
  status_transitions: { finalized_at: 1_790_000_000, paid_at: 1_790_000_060, voided_at: null },
};

test.each([
  ['a paid session', CheckoutSession, session],
  [
    'a session with its intent and customer expanded',
    CheckoutSession,
    {
      ...session,
      payment_intent: { id: 'pi_1', object: 'payment_intent', latest_charge: 'ch_1' },
      customer: { id: 'cus_1', object: 'customer', deleted: true },
    },
  ],
  [
    'a session that saves a card',
    CheckoutSession,
    {
      ...session,
      ...{ mode: 'setup', payment_status: 'no_payment_required', payment_intent: null },
      ...{ amount_subtotal: null, amount_total: null, total_details: null, setup_intent: 'seti_1' },
    },
  ],
  [
    'a payment intent of which little is known',
    PaymentIntent,
    {
      ...{
        id: 'pi_1',
        object: 'payment_intent',
        status: 'succeeded',
        amount: 1190,
        currency: 'usd',
      },
      ...{ amount_received: 1190, amount_details: { tip: {} }, customer: null, invoice: null },
      ...{ payment_method: 'pm_1', last_payment_error: null, latest_charge: 'ch_1', metadata },
    },
  ],
  [
    'a declined payment intent',
    PaymentIntent,
    {
      ...{ id: 'pi_1', object: 'payment_intent', status: 'requires_payment_method', amount: 1190 },
      ...{ amount_received: 0, currency: 'usd', customer: 'cus_1', payment_method: null, metadata },
      last_payment_error: {
        ...{ type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' },
        ...{ charge: 'ch_1', doc_url: 'https://stripe.com/docs/error-codes/card-declined' },
      },
    },
  ],
  ['a refunded charge', Charge, charge],
  ['a listed charge', ListedCharge, charge],
  [
    'a charge of an older version with its refunds inside',
    Charge,
    {
      ...charge,
      refunds: { object: 'list', data: [], has_more: false, url: '/v1/charges/ch_1/refunds' },
    },
  ],
  [
    'a refund',
    Refund,
    {
      ...{ id: 're_1', object: 'refund', created: 1_790_000_000, amount: 300, currency: 'usd' },
      ...{ charge: 'ch_1', payment_intent: 'pi_1', status: 'succeeded', reason: null },
      ...{ balance_transaction: 'txn_2', receipt_number: null, metadata: {} },
    },
  ],
  [
    'a refund that failed',
    Refund,
    {
      ...{ id: 're_1', object: 'refund', created: 1_790_000_000, amount: 300, currency: 'usd' },
      ...{ charge: 'ch_1', payment_intent: null, status: 'failed', metadata: null },
      ...{ failure_balance_transaction: 'txn_3', failure_reason: 'expired_or_canceled_card' },
    },
  ],
  [
    'a dispute',
    Dispute,
    {
      ...{ id: 'du_1', object: 'dispute', amount: 1190, currency: 'usd', charge: 'ch_1' },
      ...{ payment_intent: 'pi_1', reason: 'fraudulent', status: 'needs_response' },
      ...{ created: 1_790_000_000, is_charge_refundable: false, balance_transactions: [] },
      evidence_details: { due_by: 1_790_600_000, has_evidence: false, past_due: false },
    },
  ],
  [
    'an inquiry without a date',
    Dispute,
    {
      ...{ id: 'du_1', object: 'dispute', amount: 1190, currency: 'usd', charge: 'ch_1' },
      ...{ payment_intent: null, reason: 'general', status: 'warning_needs_response' },
      ...{ created: 1_790_000_000, evidence_details: { due_by: null } },
    },
  ],
  [
    'an open session that says nothing yet',
    CheckoutSession,
    {
      ...{ id: 'cs_1', object: 'checkout.session', mode: 'payment', status: 'open', metadata: {} },
      ...{ payment_status: 'unpaid', amount_subtotal: null, amount_total: null, currency: null },
      ...{ total_details: null, payment_intent: 'pi_1', setup_intent: null, subscription: null },
      ...{ customer: null, invoice: null, client_reference_id: null, payment_link: null },
    },
  ],
  [
    'a charge without an intent',
    Charge,
    {
      ...{ id: 'ch_1', object: 'charge', amount: 100, amount_captured: 0, amount_refunded: 0 },
      ...{ payment_intent: null, currency: 'usd', metadata: {}, captured: false, outcome: null },
    },
  ],
  [
    'a refund of a charge without an intent',
    Refund,
    {
      ...{ id: 're_1', object: 'refund', amount: 100, currency: 'usd', charge: 'ch_1' },
      ...{ payment_intent: null, status: 'succeeded', reason: null, metadata: {} },
      ...{ source_transfer_reversal: null, transfer_reversal: null, balance_transaction: null },
    },
  ],
  [
    'a draft of an invoice that is of no subscription',
    StripeInvoice,
    {
      ...invoice,
      ...{ status: 'draft', billing_reason: 'manual', paid_out_of_band: false, attempt_count: 0 },
      ...{ subscription: null, payment_intent: null, charge: null, amount_paid: 0, tax: null },
      status_transitions: { finalized_at: null, paid_at: null, voided_at: null },
      lines: {
        ...{ object: 'list', has_more: false, url: '/v1/invoices/in_1/lines' },
        data: [
          {
            ...{ id: 'il_1', object: 'line_item', amount: 2800, period, proration: false },
            ...{ subscription: null, proration_details: { credited_items: null } },
          },
        ],
      },
    },
  ],
  [
    'a setup of which no card is known',
    SetupIntentWithCard,
    {
      ...{ id: 'seti_1', object: 'setup_intent', status: 'requires_payment_method' },
      ...{ created: 1_790_000_000, livemode: false, customer: null, payment_method: null },
      ...{ latest_attempt: null, last_setup_error: null, metadata: {}, usage: 'off_session' },
    },
  ],
  ['a deleted customer', DeletedCustomer, { id: 'cus_1', object: 'customer', deleted: true }],
])('%s is read as Stripe sends it', (_name, schema, object) => {
  expect(schema.safeParse(object).error).toBeUndefined();
});

test('the subscription of an invoice is found where this and older API versions have it', () => {
  const details = { subscription: 'sub_1', metadata: { scrip_subscription: ID } };
  const now = StripeInvoice.parse({
    ...invoice,
    parent: { type: 'subscription_details', quote_details: null, subscription_details: details },
    lines: {
      ...{ object: 'list', has_more: false },
      data: [
        {
          ...{ id: 'il_1', object: 'line_item', amount: 2800, currency: 'usd', period },
          parent: {
            type: 'subscription_item_details',
            invoice_item_details: null,
            subscription_item_details: { proration: false, subscription: 'sub_1' },
          },
        },
      ],
    },
  });
  const before = StripeInvoice.parse({
    ...invoice,
    ...{ subscription: 'sub_1', payment_intent: 'pi_1', charge: 'ch_1' },
    subscription_details: { metadata: { scrip_subscription: ID } },
    lines: {
      ...{ object: 'list', has_more: false },
      data: [{ id: 'il_1', object: 'line_item', amount: 2800, period, proration: false }],
    },
  });
  for (const { subscription, metadata: told, lines } of [now, before]) {
    expect(subscription).toBe('sub_1');
    expect(told.scrip_subscription).toBe(ID);
    expect(lines).toMatchObject([{ amount: 2800n, prorated: false }]);
  }
});

test('the period of a subscription is found on its item, and in older versions on itself', () => {
  const common = {
    ...{ id: 'sub_1', object: 'subscription', status: 'active', cancel_at_period_end: false },
    ...{ cancel_at: null, trial_end: null, latest_invoice: 'in_1', metadata: {} },
  };
  const [current_period_start, current_period_end] = [period.start, period.end];
  const dates = { current_period_start, current_period_end };
  const item = { id: 'si_1', object: 'subscription_item' };
  for (const told of [
    { ...common, items: { object: 'list', data: [{ ...item, ...dates }] } },
    { ...common, ...dates, items: { object: 'list', data: [item] } },
  ]) {
    expect(StripeSubscription.parse(told).period?.ends_at).toEqual(new Date(period.end * 1000));
  }
});
