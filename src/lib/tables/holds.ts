// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Hold {
  wallet_id: string;
  id: string;
  workspace_id: string;
  entry_seq: bigint;
  operation: string | null;
  amount: bigint;
  captured: Generated<bigint>;
  released: Generated<bigint>;
  created_at: Timestamp;
  expires_at: Timestamp;
  expires_at_most: Timestamp;
  open: Generated<boolean>;
  quantity: Generated<bigint>;
}
