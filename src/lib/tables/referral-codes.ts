// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface ReferralCode {
  workspace_id: string;
  code: string;
  created_at: Generated<Timestamp>;
}
