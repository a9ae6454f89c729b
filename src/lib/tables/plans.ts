// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface Plan {
  id: string;
  code: string;
  name: string;
  credits: bigint | null;
  unlimited: Generated<boolean>;
  rollover_cap: bigint | null;
  trial_days: Generated<number>;
  limits: Generated<Jsonb>;
  position: Generated<number>;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  grace_days: Generated<number>;
}
