// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.
// One file, as there is one schema: Kysely needs all tables together, and people read schema.sql.

import type { ColumnType } from 'kysely';

type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

type Timestamp = ColumnType<Date, Date | string, Date | string>;

type Jsonb = ColumnType<Json, string, string>;

export interface ApiKey {
  id: string;
  workspace_id: string | null;
  livemode: boolean;
  name: string;
  prefix: string;
  hash: Buffer;
  scopes: string[];
  expires_at: Timestamp | null;
  revoked_at: Timestamp | null;
  last_used_at: Timestamp | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
}

export interface ApiRateWindow {
  api_key_id: string;
  ends_at: Timestamp;
  taken: number;
  given: number;
}

export interface AuditEvent {
  id: string;
  workspace_id: string | null;
  actor_kind: 'person' | 'api_key' | 'payment' | 'job' | 'system' | 'customer';
  actor_id: string | null;
  action: string;
  subject_kind: string;
  subject_id: string;
  before: Jsonb | null;
  after: Jsonb | null;
  reason: string | null;
  ip: string | null;
  request_id: string | null;
  at: Generated<Timestamp>;
}

export interface AutoTopUp {
  workspace_id: string;
  wallet_id: string;
  provider: 'stripe' | 'simulated';
  livemode: boolean;
  enabled: boolean;
  below_micro: bigint;
  package_id: string;
  price_minor: bigint;
  credits_micro: bigint;
  currency: string;
  monthly_limit_minor: bigint;
  payment_method_id: string;
  consent: string;
  consented_at: Timestamp;
  consented_by: string;
  consent_ip: string | null;
  failures: Generated<number>;
  next_look_at: Timestamp | null;
  stopped_at: Timestamp | null;
  stopped_reason:
    | 'turned_off'
    | 'declined'
    | 'not_confirmed'
    | 'card_gone'
    | 'card_changed'
    | 'offer_changed'
    | 'disputed'
    | 'refused'
    | null;
  updated_at: Generated<Timestamp>;
}

export interface BillingDetail {
  workspace_id: string;
  legal_name: string;
  address: string;
  country: string;
  tax_id: string | null;
  tax_id_kind: 'gstin' | 'eu_vat' | 'other' | null;
  updated_at: Generated<Timestamp>;
}

export interface Budget {
  wallet_id: string;
  id: string;
  workspace_id: string;
  subject: string;
  period: 'hour' | 'day' | 'week' | 'month' | 'all';
  limit_amount: bigint;
  hard: boolean;
  raised_to: bigint | null;
  raised_until: Timestamp | null;
  time_zone: Generated<string>;
  created_at: Generated<Timestamp>;
}

export interface Counter {
  wallet_id: string;
  subject: string;
  period: 'hour' | 'day' | 'week' | 'month' | 'all';
  starts_at: Timestamp;
  workspace_id: string;
  quantity: Generated<bigint>;
  amount: Generated<bigint>;
}

export interface Dispute {
  id: string;
  workspace_id: string;
  wallet_id: string;
  payment_id: string;
  status: 'warning' | 'open' | 'won' | 'lost';
  amount_minor: bigint;
  currency: string;
  reason: string;
  evidence_due_at: Timestamp | null;
  created_at: Timestamp;
  updated_at: Generated<Timestamp>;
}

export interface Entry {
  wallet_id: string;
  seq: bigint;
  workspace_id: string;
  kind:
    | 'grant'
    | 'debit'
    | 'hold'
    | 'extension'
    | 'capture'
    | 'release'
    | 'refund'
    | 'expiry'
    | 'clawback'
    | 'reinstatement'
    | 'adjustment'
    | 'transfer_out'
    | 'transfer_in'
    | 'repayment'
    | 'write_off';
  amount: bigint;
  list_amount: bigint | null;
  waiver: string | null;
  leg_lots: Generated<number[]>;
  leg_from: Generated<string[]>;
  leg_to: Generated<string[]>;
  leg_amounts: Generated<bigint[]>;
  available_after: bigint;
  held_after: bigint;
  debt_after: bigint;
  namespace: string;
  key: string;
  key_hash: string;
  content_hash: string;
  actor_kind: 'person' | 'api_key' | 'payment' | 'job' | 'system';
  actor_id: string | null;
  on_behalf_of: string | null;
  api_key_id: string | null;
  operation: string | null;
  quantity: bigint | null;
  lines: Jsonb | null;
  parent_seq: bigint | null;
  payment_id: string | null;
  at: Timestamp;
  occurred_at: Timestamp | null;
  recorded_at: Timestamp;
}

export interface EntryDetail {
  wallet_id: string;
  seq: bigint;
  workspace_id: string;
  description: string | null;
  reason: string | null;
  metadata: Jsonb | null;
  request_id: string | null;
  erased_at: Timestamp | null;
}

export interface EntryRollup {
  wallet_id: string;
  workspace_id: string;
  quarter_hour: Timestamp;
  occurred_quarter_hour: Timestamp;
  kind: string;
  operation: string;
  first_seq: bigint;
  last_seq: bigint;
  entry_count: bigint;
  amount: string;
  balance_change: string;
  quantity: string;
}

export interface FreeAmount {
  currency: string;
  minimum_minor: bigint;
  maximum_minor: bigint;
  price_per_credit_micro: bigint;
  expires_after_days: number | null;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface HoldLot {
  wallet_id: string;
  hold_id: string;
  lot_number: number;
  workspace_id: string;
  position: number;
  amount: bigint;
  captured: Generated<bigint>;
  released: Generated<bigint>;
}

export interface Hold {
  wallet_id: string;
  id: string;
  workspace_id: string;
  entry_seq: bigint;
  operation: string | null;
  amount: bigint;
  captured: Generated<bigint>;
  released: Generated<bigint>;
  created_at: Timestamp;
  expires_at: Timestamp;
  expires_at_most: Timestamp;
  open: Generated<boolean>;
  quantity: Generated<bigint>;
}

export interface HourSeal {
  number: bigint;
  hour: Timestamp;
  wallet_count: bigint;
  entry_count: bigint;
  key_name: string;
  hash: Buffer;
}

export interface InvoiceCounter {
  series: string;
  last_number: number;
}

export interface Invoice {
  id: string;
  workspace_id: string;
  payment_id: string;
  kind: 'invoice' | 'credit_note';
  corrects_id: string | null;
  series: string;
  number_in_series: number;
  number: string;
  livemode: boolean;
  issued_at: Timestamp;
  seller: Jsonb;
  buyer: Jsonb;
  lines: Jsonb;
  subtotal_minor: bigint;
  discount_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  currency: string;
}

export interface LedgerOutboxRow {
  wallet_id: string;
  seq: bigint;
  kind: string;
  workspace_id: string;
  payload: Jsonb;
  created_at: Timestamp;
}

export interface LedgerTaskProgress {
  task: 'verify' | 'rollups' | 'retention' | 'expiring';
  done_until: Timestamp | null;
}

export interface Lot {
  wallet_id: string;
  number: number;
  workspace_id: string;
  entry_seq: bigint;
  source:
    | 'purchase'
    | 'bonus'
    | 'plan'
    | 'rollover'
    | 'welcome'
    | 'reward'
    | 'promo'
    | 'adjustment'
    | 'transfer'
    | 'import';
  priority: number;
  granted_at: Timestamp;
  expires_at: Timestamp | null;
  granted: bigint;
  available: bigint;
  held: Generated<bigint>;
  consumed: Generated<bigint>;
  expired: Generated<bigint>;
  removed: Generated<bigint>;
  open: Generated<boolean>;
  cost_minor: Generated<bigint>;
  currency: string | null;
  payment_id: string | null;
  subscription_id: string | null;
  operations: string[] | null;
}

export interface Mail {
  id: string;
  key: string;
  workspace_id: string | null;
  person_id: string | null;
  kind: string;
  to_address: string;
  subject: string;
  text: string | null;
  state: Generated<'waiting' | 'failed' | 'sent' | 'given_up'>;
  tries: Generated<number>;
  next_try_at: Generated<Timestamp | null>;
  sent_at: Timestamp | null;
  error: string | null;
  created_at: Generated<Timestamp>;
}

export interface Membership {
  workspace_id: string;
  person_id: string;
  role: 'owner' | 'admin' | 'member';
  created_at: Generated<Timestamp>;
}

export interface Operation {
  code: string;
  name: string;
  description: Generated<string>;
  unit: string;
  position: Generated<number>;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface PackagePrice {
  package_id: string;
  currency: string;
  price_minor: bigint;
}

export interface Package {
  id: string;
  code: string;
  name: string;
  credits: bigint;
  bonus: Generated<bigint>;
  expires_after_days: number | null;
  bonus_expires_after_days: number | null;
  popular: Generated<boolean>;
  position: Generated<number>;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface Payment {
  id: string;
  workspace_id: string;
  wallet_id: string;
  person_id: string | null;
  order_key: string;
  type: 'credit_purchase' | 'subscription' | 'refund';
  status: 'pending' | 'completed' | 'failed' | 'cancelled' | 'refunded' | 'disputed';
  provider: 'stripe' | 'simulated' | 'transfer';
  livemode: boolean;
  subtotal_minor: bigint;
  discount_minor: Generated<bigint>;
  tax_minor: Generated<bigint>;
  total_minor: bigint;
  refunded_minor: Generated<bigint>;
  currency: string;
  package_id: string | null;
  subscription_id: string | null;
  parent_payment_id: string | null;
  catalogue: Jsonb;
  checkout_session_id: string | null;
  checkout_url: string | null;
  checkout_tries: Generated<number>;
  payment_intent_id: string | null;
  failure: string | null;
  created_at: Generated<Timestamp>;
  completed_at: Timestamp | null;
  updated_at: Generated<Timestamp>;
  charge_refunded_minor: Generated<bigint>;
  stripe_refund_id: string | null;
  reason: string | null;
  made_by: string | null;
  tries: Generated<number>;
  next_try_at: Timestamp | null;
  stripe_invoice_id: string | null;
  auto_top_up: Generated<boolean>;
  payment_method_id: string | null;
  bank_reference: string | null;
  bank_received_on: string | null;
  duplicate_of: string | null;
  next_check_at: Timestamp | null;
}

export interface Person {
  id: string;
  email: string;
  email_normalized: string;
  email_verified_at: Timestamp | null;
  name: string;
  password_hash: string | null;
  google_subject: string | null;
  staff_role: 'support' | 'finance' | 'admin' | 'super_admin' | null;
  time_zone: Generated<string>;
  locale: Generated<string>;
  deactivated_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface PlanGrant {
  id: string;
  workspace_id: string;
  wallet_id: string;
  subscription_id: string;
  plan_id: string;
  kind: 'trial' | 'period' | 'upgrade' | 'rollover';
  starts_at: Timestamp;
  ends_at: Timestamp;
  credits: bigint | null;
  entry_seq: bigint | null;
  payment_id: string | null;
  change_id: string | null;
  created_at: Generated<Timestamp>;
}

export interface PlanPrice {
  id: string;
  plan_id: string;
  period: 'month' | 'year';
  currency: string;
  price_minor: bigint;
  version: number;
  valid_from: Generated<Timestamp>;
}

export interface Plan {
  id: string;
  code: string;
  name: string;
  credits: bigint | null;
  unlimited: Generated<boolean>;
  rollover_cap: bigint | null;
  trial_days: Generated<number>;
  limits: Generated<Jsonb>;
  position: Generated<number>;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  grace_days: Generated<number>;
}

export interface PriceRule {
  id: string;
  operation: string;
  plan_id: string | null;
  workspace_id: string | null;
  version: number;
  valid_from: Timestamp;
  components: Jsonb;
  made_by: string;
  created_at: Generated<Timestamp>;
}

export interface PromoCode {
  id: string;
  code: string;
  name: string;
  kind: 'grant' | 'purchase';
  credits: bigint | null;
  percent: number | null;
  packages: string[] | null;
  first_purchase_only: Generated<boolean>;
  starts_at: Timestamp | null;
  ends_at: Timestamp | null;
  total_limit: number | null;
  person_limit: Generated<number>;
  taken: Generated<number>;
  expires_after_days: number | null;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface PromoRedemption {
  id: string;
  promo_code_id: string;
  workspace_id: string;
  wallet_id: string;
  person_id: string | null;
  payment_id: string | null;
  nonce: string | null;
  state: 'reserved' | 'redeemed' | 'given_back';
  first_purchase: boolean;
  credits: bigint;
  entry_seq: bigint | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface Quote {
  id: string;
  workspace_id: string;
  wallet_id: string;
  operation: string;
  rule_id: string;
  quantity: bigint;
  components: Generated<Jsonb>;
  expires_at: Timestamp;
  used_by: string | null;
  made_by: string;
  created_at: Generated<Timestamp>;
}

export interface RateLimit {
  key: string;
  points: Generated<number>;
  expire: bigint | null;
}

export interface ReconciledDay {
  provider: string;
  livemode: boolean;
  day: Timestamp;
  currency: string;
  payments: number;
  taken_minor: bigint;
  refunded_minor: bigint;
  disputed_minor: bigint;
  booked_minor: bigint;
  booked_refunded_minor: bigint;
  booked_disputed_minor: bigint;
  sold_micro: bigint;
  granted_micro: bigint;
  differences: Jsonb;
  reconciliation_id: string;
}

export interface Reconciliation {
  id: string;
  provider: 'stripe' | 'simulated';
  livemode: boolean;
  state: 'asked' | 'running' | 'done' | 'failed';
  asked_by: string | null;
  since: Timestamp | null;
  started_at: Timestamp | null;
  heard_at: Timestamp | null;
  finished_at: Timestamp | null;
  looked_at: Generated<number>;
  changed: Generated<number>;
  findings: Generated<Jsonb>;
  agrees: boolean | null;
  failure: string | null;
  created_at: Generated<Timestamp>;
}

export interface ReferralCode {
  workspace_id: string;
  code: string;
  created_at: Generated<Timestamp>;
}

export interface ReferralTerm {
  singleton: Generated<boolean>;
  referrer_credits: bigint;
  referred_credits: bigint;
  expires_after_days: number | null;
  minimums: Jsonb;
  reversible_days: number;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
}

export interface Referral {
  id: string;
  workspace_id: string;
  person_id: string;
  referrer_workspace_id: string;
  state: Generated<'waiting' | 'due' | 'rewarded' | 'refused' | 'taken_back'>;
  reason: string | null;
  payment_id: string | null;
  money_back_at: Timestamp | null;
  next_try_at: Timestamp | null;
  card_fingerprint: string | null;
  wallet_id: string | null;
  referrer_wallet_id: string | null;
  entry_seq: bigint | null;
  referrer_entry_seq: bigint | null;
  credits: bigint | null;
  referrer_credits: bigint | null;
  reversible_until: Timestamp | null;
  rewarded_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface RefundTotal {
  wallet_id: string;
  entry_seq: bigint;
  lot_number: number;
  workspace_id: string;
  taken: bigint;
  refunded: bigint;
}

export interface WalletRollupProgress {
  wallet_id: string;
  workspace_id: string;
  forgotten_seq: Generated<bigint>;
  last_seq: Generated<bigint>;
}

export interface SellerDetail {
  singleton: Generated<boolean>;
  details: Jsonb;
  updated_at: Generated<Timestamp>;
}

export interface Session {
  sid: string;
  sess: Jsonb;
  expire: Timestamp;
  person_id: ColumnType<string | null, never, never>;
}

export interface StripeCustomer {
  workspace_id: string;
  provider: 'stripe' | 'simulated';
  livemode: boolean;
  customer_id: string | null;
  deletions: Generated<number>;
  payment_method_id: string | null;
  card: Jsonb | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface StripeEvent {
  id: string;
  type: string;
  livemode: boolean;
  object_id: string | null;
  payment_id: string | null;
  state: 'done' | 'ignored' | 'flagged';
  note: string | null;
  body: Jsonb;
  created_at: Timestamp;
  received_at: Generated<Timestamp>;
}

export interface SubscriptionChange {
  id: string;
  workspace_id: string;
  subscription_id: string;
  kind: 'upgrade' | 'downgrade' | 'keep' | 'cancel' | 'resume' | 'end_trial';
  from_plan_price_id: string;
  to_plan_price_id: string;
  prorated_at: Timestamp | null;
  person_id: string | null;
  state: Generated<'asked' | 'done' | 'refused'>;
  note: string | null;
  tries: Generated<number>;
  next_try_at: Generated<Timestamp | null>;
  created_at: Generated<Timestamp>;
}

export interface Subscription {
  id: string;
  workspace_id: string;
  plan_id: string;
  plan_price_id: string;
  status: 'incomplete' | 'trialing' | 'active' | 'past_due' | 'cancelled';
  livemode: boolean;
  stripe_subscription_id: string | null;
  current_period_starts_at: Timestamp | null;
  current_period_ends_at: Timestamp | null;
  cancel_at_period_end: Generated<boolean>;
  trial_ends_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  provider: Generated<'stripe' | 'simulated' | 'none'>;
  person_id: string | null;
  order_key: string | null;
  checkout_session_id: string | null;
  checkout_url: string | null;
  checkout_tries: Generated<number>;
  stripe_item_id: string | null;
  state_at: Timestamp | null;
  anchor_at: Timestamp | null;
  next_plan_price_id: string | null;
  past_due_at: Timestamp | null;
  open_invoice_url: string | null;
  ended_at: Timestamp | null;
}

export interface Trial {
  subscription_id: string;
  workspace_id: string;
  person_id: string;
  card_fingerprint: string | null;
  state: Generated<'checking' | 'granted' | 'refused'>;
  next_try_at: Generated<Timestamp | null>;
  created_at: Generated<Timestamp>;
}

export interface WalletSeal {
  hour: Timestamp;
  wallet_id: string;
  first_seq: bigint;
  last_seq: bigint;
  entry_count: bigint;
  amount: string;
  hash: Buffer;
}

export interface Wallet {
  id: string;
  workspace_id: string;
  livemode: boolean;
  available: Generated<bigint>;
  held: Generated<bigint>;
  debt: Generated<bigint>;
  overdraft_limit: Generated<bigint>;
  last_seq: Generated<bigint>;
  last_lot: Generated<number>;
  last_at: Generated<Timestamp>;
  next_due_at: Timestamp | null;
  frozen_at: Timestamp | null;
  frozen_reason: string | null;
  unlimited_until: Timestamp | null;
  unlimited_reason: 'plan' | 'super_admin' | 'contract' | null;
  alert_below: bigint | null;
  alert_above: bigint | null;
  time_zone: Generated<string>;
  refund_to_expired_lot: Generated<'expire' | 'grace_lot'>;
  grace_seconds: Generated<number>;
  capture_above_hold: Generated<'refuse' | 'debit'>;
  reversal: Generated<'debt' | 'write_off'>;
  hold_max_seconds: Generated<number>;
  created_at: Generated<Timestamp>;
  has_budgets: Generated<boolean>;
}

export interface WebhookDeliverie {
  id: string;
  endpoint_id: string;
  workspace_id: string | null;
  message_id: string;
  type: string;
  body: string;
  attempts: Generated<number>;
  next_attempt_at: Timestamp | null;
  attempted_at: Timestamp | null;
  status: number | null;
  answer: string | null;
  error: string | null;
  delivered_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface WebhookEndpoint {
  id: string;
  workspace_id: string | null;
  livemode: boolean;
  url: string;
  events: string[];
  secret: string;
  previous_secret: string | null;
  previous_secret_until: Timestamp | null;
  failures: Generated<number>;
  failing_since: Timestamp | null;
  paused_at: Timestamp | null;
  paused_reason: 'by_hand' | 'failing' | 'gone' | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
}

export interface Workspace {
  id: string;
  kind: 'personal' | 'team' | 'external';
  name: string;
  slug: string;
  external_id: string | null;
  currency: Generated<string>;
  time_zone: Generated<string>;
  deactivated_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  email: string | null;
}

export interface DB {
  api_keys: ApiKey;
  api_rate_windows: ApiRateWindow;
  audit_events: AuditEvent;
  auto_top_ups: AutoTopUp;
  billing_details: BillingDetail;
  budgets: Budget;
  counters: Counter;
  disputes: Dispute;
  entries: Entry;
  entry_details: EntryDetail;
  entry_rollups: EntryRollup;
  free_amounts: FreeAmount;
  hold_lots: HoldLot;
  holds: Hold;
  hour_seals: HourSeal;
  invoice_counters: InvoiceCounter;
  invoices: Invoice;
  ledger_outbox: LedgerOutboxRow;
  ledger_progress: LedgerTaskProgress;
  lots: Lot;
  mails: Mail;
  memberships: Membership;
  operations: Operation;
  package_prices: PackagePrice;
  packages: Package;
  payments: Payment;
  people: Person;
  plan_grants: PlanGrant;
  plan_prices: PlanPrice;
  plans: Plan;
  price_rules: PriceRule;
  promo_codes: PromoCode;
  promo_redemptions: PromoRedemption;
  quotes: Quote;
  rate_limits: RateLimit;
  reconciled_days: ReconciledDay;
  reconciliations: Reconciliation;
  referral_codes: ReferralCode;
  referral_terms: ReferralTerm;
  referrals: Referral;
  refund_totals: RefundTotal;
  rollup_progress: WalletRollupProgress;
  seller_details: SellerDetail;
  sessions: Session;
  stripe_customers: StripeCustomer;
  stripe_events: StripeEvent;
  subscription_changes: SubscriptionChange;
  subscriptions: Subscription;
  trials: Trial;
  wallet_seals: WalletSeal;
  wallets: Wallet;
  webhook_deliveries: WebhookDeliverie;
  webhook_endpoints: WebhookEndpoint;
  workspaces: Workspace;
}
