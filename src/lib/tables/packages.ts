// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Package {
  id: string;
  code: string;
  made_by: string;
  created_at: Generated<Timestamp>;
}
