// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Lot {
  wallet_id: string;
  number: number;
  workspace_id: string;
  entry_seq: bigint;
  source:
    | 'purchase'
    | 'bonus'
    | 'plan'
    | 'rollover'
    | 'welcome'
    | 'reward'
    | 'promo'
    | 'adjustment'
    | 'transfer'
    | 'import';
  priority: number;
  granted_at: Timestamp;
  expires_at: Timestamp | null;
  granted: bigint;
  available: bigint;
  held: Generated<bigint>;
  consumed: Generated<bigint>;
  expired: Generated<bigint>;
  removed: Generated<bigint>;
  open: Generated<boolean>;
  cost_minor: Generated<bigint>;
  currency: string | null;
  payment_id: string | null;
  subscription_id: string | null;
  operations: string[] | null;
}
