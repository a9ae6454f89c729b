// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated } from '../column-types.ts';

export interface AlertDefaultProgres {
  singleton: Generated<boolean>;
  version: Generated<number>;
  last_wallet_id: string | null;
}
