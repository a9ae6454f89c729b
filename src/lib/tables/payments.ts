// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

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
  return_path: string | null;
}
