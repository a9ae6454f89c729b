// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb } from '../column-types.ts';

export interface StaffLimit {
  singleton: Generated<boolean>;
  small_credits: Generated<bigint>;
  credits: Generated<bigint | null>;
  money: Generated<Jsonb>;
}
