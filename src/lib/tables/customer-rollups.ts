// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface CustomerRollup {
  wallet_id: string;
  workspace_id: string;
  quarter_hour: Timestamp;
  occurred_quarter_hour: Timestamp;
  kind: string;
  operation: string;
  api_key_id: string;
  person_id: string;
  on_behalf_of: string;
  first_seq: bigint;
  last_seq: bigint;
  entry_count: bigint;
  amount: string;
  quantity: string;
}
