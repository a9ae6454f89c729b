// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

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
  leaves_at: Timestamp | null;
}
