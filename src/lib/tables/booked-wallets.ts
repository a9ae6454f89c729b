// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated } from '../column-types.ts';

export interface BookedWallet {
  wallet_id: string;
  last_seq: Generated<bigint>;
}
