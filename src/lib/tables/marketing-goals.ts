// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated } from '../column-types.ts';

export interface MarketingGoal {
  workspace_id: string;
  id: string;
  title: string;
  measure: Generated<string>;
  target: bigint;
  reached: Generated<bigint>;
  position: number;
}
