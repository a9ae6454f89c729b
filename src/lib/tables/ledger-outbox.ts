// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Jsonb, Timestamp } from '../column-types.ts';

export interface LedgerOutboxRow {
  wallet_id: string;
  seq: bigint;
  kind: string;
  workspace_id: string;
  payload: Jsonb;
  created_at: Timestamp;
}
