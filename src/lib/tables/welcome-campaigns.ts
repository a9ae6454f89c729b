// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated } from '../column-types.ts';

export interface WelcomeCampaign {
  singleton: Generated<boolean>;
  budget: bigint | null;
  granted: Generated<bigint>;
}
