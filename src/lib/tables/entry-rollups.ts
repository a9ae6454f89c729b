// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface EntryRollup {
  wallet_id: string;
  workspace_id: string;
  quarter_hour: Timestamp;
  occurred_quarter_hour: Timestamp;
  kind: string;
  operation: string;
  first_seq: bigint;
  last_seq: bigint;
  entry_count: bigint;
  amount: string;
  balance_change: string;
  quantity: string;
  api_key_id: string;
  person_id: string;
}
