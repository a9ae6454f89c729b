// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface AutoTopUp {
  workspace_id: string;
  wallet_id: string;
  provider: 'stripe' | 'simulated';
  livemode: boolean;
  enabled: boolean;
  below_micro: bigint;
  package_id: string;
  price_minor: bigint;
  credits_micro: bigint;
  currency: string;
  monthly_limit_minor: bigint;
  payment_method_id: string;
  consent: string;
  consented_at: Timestamp;
  consented_by: string;
  consent_ip: string | null;
  failures: Generated<number>;
  next_look_at: Timestamp | null;
  stopped_at: Timestamp | null;
  stopped_reason:
    | 'turned_off'
    | 'declined'
    | 'not_confirmed'
    | 'card_gone'
    | 'card_changed'
    | 'offer_changed'
    | 'disputed'
    | 'refused'
    | null;
  updated_at: Generated<Timestamp>;
}
