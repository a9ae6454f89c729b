// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface Quote {
  id: string;
  workspace_id: string;
  wallet_id: string;
  operation: string;
  rule_id: string;
  quantity: bigint;
  components: Generated<Jsonb>;
  expires_at: Timestamp;
  used_by: string | null;
  made_by: string;
  created_at: Generated<Timestamp>;
}
