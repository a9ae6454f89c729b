// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface LedgerDrift {
  id: string;
  rule: string;
  wallet_id: string | null;
  detail: string;
  first_seen_at: Generated<Timestamp>;
  last_seen_at: Generated<Timestamp>;
  gone_at: Timestamp | null;
}
