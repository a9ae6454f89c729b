// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface PriceRule {
  id: string;
  operation: string;
  plan_id: string | null;
  workspace_id: string | null;
  version: number;
  valid_from: Timestamp;
  components: Jsonb;
  made_by: string;
  created_at: Generated<Timestamp>;
}
