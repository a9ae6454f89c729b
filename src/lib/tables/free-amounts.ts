// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface FreeAmount {
  currency: string;
  minimum_minor: bigint;
  maximum_minor: bigint;
  price_per_credit_micro: bigint;
  expires_after_days: number | null;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}
