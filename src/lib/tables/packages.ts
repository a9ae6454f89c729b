// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Package {
  id: string;
  code: string;
  name: string;
  credits: bigint;
  bonus: Generated<bigint>;
  expires_after_days: number | null;
  bonus_expires_after_days: number | null;
  popular: Generated<boolean>;
  position: Generated<number>;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}
