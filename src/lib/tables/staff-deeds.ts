// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface StaffDeed {
  nonce: string;
  person_id: string;
  content_hash: string;
  done_at: Generated<Timestamp>;
}
