// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

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
