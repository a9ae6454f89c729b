// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

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
