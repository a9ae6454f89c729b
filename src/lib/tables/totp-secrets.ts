// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface TotpSecret {
  person_id: string;
  sealed: string;
  last_step: bigint;
  created_at: Generated<Timestamp>;
}
