// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface ReferralTerm {
  singleton: Generated<boolean>;
  referrer_credits: bigint;
  referred_credits: bigint;
  expires_after_days: number | null;
  minimums: Jsonb;
  reversible_days: number;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
}
