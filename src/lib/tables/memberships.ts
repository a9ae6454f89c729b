// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Membership {
  workspace_id: string;
  person_id: string;
  role: 'owner' | 'admin' | 'member';
  created_at: Generated<Timestamp>;
  invited_by: string | null;
  last_used_at: Timestamp | null;
}
