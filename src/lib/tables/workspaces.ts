// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Workspace {
  id: string;
  kind: 'personal' | 'team' | 'external';
  name: string;
  slug: string;
  external_id: string | null;
  currency: Generated<string>;
  time_zone: Generated<string>;
  deactivated_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  email: string | null;
  first_steps_left_at: Timestamp | null;
}
