// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

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
