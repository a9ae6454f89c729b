// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface PresetVersion {
  preset: string;
  version: number;
  kept: string[];
  applied_at: Generated<Timestamp>;
}
