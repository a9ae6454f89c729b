// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface SellerDetail {
  singleton: Generated<boolean>;
  details: Jsonb;
  updated_at: Generated<Timestamp>;
}
