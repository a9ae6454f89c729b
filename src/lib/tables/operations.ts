// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Operation {
  code: string;
  name: string;
  description: Generated<string>;
  unit: string;
  position: Generated<number>;
  active: Generated<boolean>;
  made_by: string;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  version: Generated<number>;
}
