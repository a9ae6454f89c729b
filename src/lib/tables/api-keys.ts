// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface ApiKey {
  id: string;
  workspace_id: string | null;
  livemode: boolean;
  name: string;
  prefix: string;
  hash: Buffer;
  scopes: string[];
  expires_at: Timestamp | null;
  revoked_at: Timestamp | null;
  last_used_at: Timestamp | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
  paused_at: Timestamp | null;
}
