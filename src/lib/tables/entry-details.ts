// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Jsonb, Timestamp } from '../column-types.ts';

export interface EntryDetail {
  wallet_id: string;
  seq: bigint;
  workspace_id: string;
  description: string | null;
  reason: string | null;
  metadata: Jsonb | null;
  request_id: string | null;
  erased_at: Timestamp | null;
}
