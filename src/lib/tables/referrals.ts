// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

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
