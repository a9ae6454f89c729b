// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface PresetInUse {
  singleton: Generated<boolean>;
  preset: string;
  chosen_at: Generated<Timestamp>;
}
