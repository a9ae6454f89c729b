// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface CustomerNote {
  id: string;
  workspace_id: string;
  person_id: string;
  note: string;
  created_at: Generated<Timestamp>;
}
