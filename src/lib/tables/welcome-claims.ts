// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface WelcomeClaim {
  workspace_id: string;
  person_id: string;
  state: 'waiting' | 'review' | 'granted' | 'refused';
  reason: 'mailbox' | 'google' | 'throw_away' | 'block' | 'budget' | 'staff' | null;
  amount: bigint;
  expires_after_days: number | null;
  mailbox_hash: string;
  google_hash: string | null;
  address_block: string | null;
  decided_by: string | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}
