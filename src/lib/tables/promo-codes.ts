// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface PromoCode {
  id: string;
  code: string;
  name: string;
  kind: 'grant' | 'purchase' | 'plan';
  credits: bigint | null;
  percent: number | null;
  packages: string[] | null;
  first_purchase_only: Generated<boolean>;
  starts_at: Timestamp | null;
  ends_at: Timestamp | null;
  total_limit: number | null;
  person_limit: Generated<number>;
  taken: Generated<number>;
  expires_after_days: number | null;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  plans: string[] | null;
  version: Generated<number>;
}
