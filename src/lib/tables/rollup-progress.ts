// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated } from '../column-types.ts';

export interface WalletRollupProgress {
  wallet_id: string;
  workspace_id: string;
  forgotten_seq: Generated<bigint>;
  last_seq: Generated<bigint>;
}
