// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

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
  subscription_id: string | null;
}
