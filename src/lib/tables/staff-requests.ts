// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface StaffRequest {
  id: string;
  workspace_id: string | null;
  kind: 'grant' | 'deduct' | 'bulk_grant' | 'refund' | 'give_back';
  subject_id: string;
  amount: bigint;
  currency: string | null;
  credits_expire_at: Timestamp | null;
  reason: string;
  state: 'waiting' | 'done' | 'refused';
  asked_by: string;
  nonce: string;
  decided_by: string | null;
  decided_at: Timestamp | null;
  decision_reason: string | null;
  created_at: Generated<Timestamp>;
  expires_at: Timestamp | null;
  entry_seq: bigint | null;
}
