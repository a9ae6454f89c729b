// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

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
